"""`uses:` and `with:`: the operators that fit a place, each with its own parameters."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from recipec.api import DataSource, Evaluator, ModelSource, Operator
from recipec.registry import Catalog
from recipec.schema.definitions import Definitions, by
from recipec.schema.lookups import Schema
from recipec.schema.snippets import entry

KEYS: Final = (
    "id", "uses", "needs", "allow_unchanged", "isolation", "limits", "with",
    "after", "before", "remove", "replace"
)  # fmt: skip
"""The keys of an entry, in the order in which they are written."""


def places(operator: type[Operator[Any]]) -> tuple[str, ...]:
    """Give the parts of a recipe where an operator may be used; none for an evaluator."""
    if issubclass(operator, ModelSource):
        return ("model", "stage")
    if issubclass(operator, DataSource):
        return ("data",)
    return () if issubclass(operator, Evaluator) else ("stage",)


class Place:
    """A part of a recipe where operators are used: the model, data, or a stage."""

    def __init__(self, name: str, catalog: Catalog, definitions: Definitions) -> None:
        self.name, self._definitions = name, definitions
        offered = (one.operator for one in catalog.operators.values())
        self._operators = {one.id: one for one in offered if name in places(one)}
        self._needs: dict[str, Schema] = {}
        for id, operator in self._operators.items():
            params, source = definitions.add(operator.params, f"{id}.")
            definitions[id] = {**params, "title": id}
            self._needs[id] = definitions.needs(source)
        meanings = {id: sentence(one.summary) for id, one in self._operators.items()}
        self._uses = definitions.share(f"{name}-operator", definitions.one_of(meanings))

    def entry(self, model: type[BaseModel], *, whole: bool) -> Schema:
        """Describe an entry as a model says it; one that is not `whole` changes another entry."""
        node, source = self._definitions.add(model)
        properties = {key: node["properties"][key] for key in KEYS if key in node["properties"]}
        said = properties["uses"]["description"]
        properties["uses"] = {**self._uses, "description": said}
        # What is said and offered about `with` is what the operator takes.
        properties["with"] = {**properties["with"], "doNotSuggest": True}
        del properties["with"]["description"]
        for directive in ("remove", "replace"):
            properties.get(directive, {}).pop("default", None)
        required = [key for key in source.get("required", []) if whole or key == "id"]
        return {
            **node,
            "title": self.name,
            "properties": properties,
            "allOf": [
                self._by_operator(named="id" in properties),
                *(self._wholes() if whole else _directives(properties)),
            ],
            **({"required": required} if required else {}),
        }

    def _by_operator(self, *, named: bool) -> Schema:
        """Let `uses` decide about parameters and inputs; without it, offer whole entries."""
        branches, snippets = {}, []
        for id, operator in self._operators.items():
            said = sentence(operator.summary)
            params: Schema = {"type": ["object", "string"], "allOf": [{"$ref": f"#/$defs/{id}"}]}
            if not self._definitions[id]["properties"]:
                params["doNotSuggest"] = True
            decided: dict[str, Any] = {"with": {**params, "description": said}}
            if named:
                decided["needs"] = _inputs(operator)
            branches[id] = {"properties": decided}
            body = entry(id, self._needs[id], self._definitions, named=named)
            snippets.append({"label": id, "description": said, "body": body})
        node = by("uses", branches)
        node["allOf"].append(
            {
                "if": {"type": "object", "required": ["uses"]},
                # Without alternatives, yaml-language-server takes this for a scalar's schema.
                "else": {"defaultSnippets": snippets, "allOf": [True]},
            }
        )
        return self._definitions.share(f"{self.name}-by-operator", node)

    def _wholes(self) -> list[Schema]:
        """Ask for the parameters that operators need."""
        branches = {}
        for id, needed in self._needs.items():
            if needed:
                then: Schema = {"properties": {"with": {**needed, "doNotSuggest": True}}}
                if "required" in needed:
                    then["required"] = ["with"]
                branches[id] = then
        return [by("uses", branches)] if branches else []


def _directives(properties: Schema) -> list[Schema]:
    """Say which keys of a change exclude each other."""
    excluded: list[Schema] = []
    if "after" in properties:
        excluded.append({"dependentSchemas": {"after": {"properties": {"before": False}}}})
    if "remove" in properties:
        others = {key: False for key in properties if key not in ("id", "remove")}
        removed: Schema = {
            "type": "object",
            "properties": {"remove": {"const": True}},
            "required": ["remove"],
        }
        excluded.append({"if": removed, "then": {"properties": others}})
    return excluded


def _inputs(operator: type[Operator[Any]]) -> Schema | bool:
    """Name the inputs of an operator: `needs` may have a stage for each. A source needs none."""
    if issubclass(operator, ModelSource):
        return False
    inputs = {name: {"type": "string", "description": p.doc} for name, p in operator.inputs.items()}
    return {"properties": inputs, "additionalProperties": False, "doNotSuggest": True}


def sentence(summary: str) -> str:
    """Write a summary as a sentence."""
    return f"{summary[0].upper()}{summary[1:].rstrip('.')}."
