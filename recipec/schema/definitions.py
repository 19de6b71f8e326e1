"""The definitions of a schema: Pydantic's, rewritten so that every value may be a look-up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from recipec.schema.lookups import (
    CLOSED,
    LOOKUP,
    SAID,
    Schema,
    branches,
    joined,
    wanted,
    words_as_pattern,
)
from recipec.schema.words import phrase, slug, told


class Definitions(dict[str, Schema]):
    """The `$defs` of a schema while it grows; equal nodes are there once.

    They say what keys a mapping may have, and not which it must have: a recipe that extends another
    writes only what it changes. `needs` says that of a whole value.
    """

    def __init__(self) -> None:
        super().__init__()
        self._sources: dict[str, Schema] = {}
        self["look-up"] = {
            "type": "string",
            "pattern": LOOKUP,
            "title": "look-up",
            "errorMessage": "This should be a look-up such as ${vars.NAME}.",
        }

    @property
    def lookup(self) -> Schema:
        """The reference to a look-up, where nothing else can be told about a value."""
        return {"$ref": "#/$defs/look-up"}

    def add(self, model: type[BaseModel], prefix: str = "") -> tuple[Schema, Schema]:
        """Define all models in a model; give the mapping of the model itself, and its source.

        `prefix` keeps models of the same name apart.
        """
        source: dict[str, Any] = model.model_json_schema(
            by_alias=True, ref_template=f"#/$defs/{prefix}{{model}}"
        )
        nested = source.pop("$defs", {})
        self._sources |= {f"#/$defs/{prefix}{name}": node for name, node in nested.items()}
        for name, node in nested.items():
            # Editors head what they say with the nearest title.
            title = {} if prefix else {"title": name.lower()}
            self[f"{prefix}{name}"] = {**title, **self.mapping(node)}
        return self.mapping(source), source

    def share(self, name: str, node: Schema) -> Schema:
        """Put a node under a name (or one like it) and give the reference to it."""
        number, key = 1, name
        while self.setdefault(key, node) != node:
            number += 1
            key = f"{name}-{number}"
        return {"$ref": f"#/$defs/{key}"}

    def value(self, node: Schema) -> Schema:
        """Rewrite the schema of a value, and of all values in it."""
        said = {key: node[key] for key in SAID if node.get(key) is not None}
        if not all(map(_insertable, said.get("examples", ()))):
            del said["examples"]
        if "discriminator" in node:
            return {**self._tagged(node), **said}
        return {**self._joined([self._below(branch) for branch in branches(node)]), **said}

    def mapping(self, node: Schema) -> Schema:
        """Rewrite the schema of a mapping with known keys.

        Its parameters tell an editor's user their meaning, type and default; what the mapping
        itself is for is said where it is used.
        """
        properties = {}
        for name, given in node.get("properties", {}).items():
            properties[name] = value = self.value(given)
            meant = {**given, "description": self._meaning(given)}
            value["description"] = told(meant, wanted(given), name in node.get("required", ()))
            if "discriminator" in given:
                value["title"] = name
        kept = {k: v for k, v in node.items() if k not in ("title", "description", "required")}
        return joined([{**kept, "properties": properties}])

    def needs(self, node: Schema) -> Schema:
        """Say what a whole value must have, at every depth, given its source."""
        if "discriminator" in node:
            tag = node["discriminator"]["propertyName"]
            cases = [
                {"if": {"properties": {tag: {"const": value}}, "required": [tag]}, "then": inner}
                for value, ref in node["discriminator"]["mapping"].items()
                if (inner := self.needs(self._sources[ref]))
            ]
            return {"required": [tag], **({"allOf": cases} if cases else {})}
        if "$ref" in node:
            return self.needs(self._sources[node["$ref"]])
        if "anyOf" in node:
            found = [inner for branch in node["anyOf"] if (inner := self.needs(branch))]
            return found[0] if len(found) == 1 else {}
        needed: Schema = {"required": node["required"]} if "required" in node else {}
        inside = {
            n: inner for n, v in node.get("properties", {}).items() if (inner := self.needs(v))
        }
        if inside:
            needed["properties"] = inside
        for key in ("items", "additionalProperties"):
            if isinstance(node.get(key), dict) and (inner := self.needs(node[key])):
                needed[key] = inner
        return needed

    def _tagged(self, node: Schema) -> Schema:
        """Rewrite a union whose branches are told apart by a tag (Pydantic's `discriminator`)."""
        tag = node["discriminator"]["propertyName"]
        meanings, options = {}, {}
        for value, ref in node["discriminator"]["mapping"].items():
            options[value] = {"$ref": ref}
            meanings[value] = self._sources[ref]["properties"][tag].get("description", "")
        name = {**self.one_of(meanings), "description": f"One of {', '.join(meanings)}."}
        return {**joined([{"type": "object", "properties": {tag: name}}]), **by(tag, options)}

    def one_of(self, meanings: Mapping[str, str]) -> Schema:
        """Describe text that is one of some words, each with its meaning."""
        words = [{"const": word, "description": said} for word, said in meanings.items()]
        return {"type": "string", "anyOf": [*words, self.lookup]}

    def _meaning(self, node: Schema) -> str:
        """Give a parameter's description; where it has none, that of the model it holds."""
        refs = [branch["$ref"] for branch in branches(node) if "$ref" in branch]
        said = [node, *(self._sources[ref] for ref in refs)]
        return next((one["description"] for one in said if "description" in one), "")

    def _below(self, node: Schema) -> Schema:
        """Rewrite what is below a node that has no alternatives."""
        if "$ref" in node:
            # Behind `allOf` editors don't see the keys, and so don't insert all that have defaults.
            return {"type": ["object", "string"], "allOf": [{"$ref": node["$ref"]}]}
        rest = {key: value for key, value in node.items() if key not in (*SAID, "title")}
        for key in ("items", "additionalProperties"):
            if isinstance(rest.get(key), dict):
                rest[key] = self.value(rest[key])
        if "prefixItems" in rest:
            rest["prefixItems"] = [self.value(item) for item in rest["prefixItems"]]
        return rest

    def _joined(self, alternatives: list[Schema]) -> Schema:
        """Join alternatives to one node where their types differ, and let it be a look-up."""
        if len(alternatives) == 1 and "allOf" in alternatives[0]:
            return alternatives[0]  # what it refers to may be a look-up itself
        if any(branch.get("type") not in (None, "null", "string") for branch in alternatives):
            alternatives = [words_as_pattern(branch) for branch in alternatives]
        closed = [branch for branch in alternatives if branch.keys() & CLOSED]
        open = [branch for branch in alternatives if branch not in closed]
        types = [branch.get("type") for branch in open]
        if None in types:
            return {}  # anything
        if len(set(types)) < len(types):
            return {"anyOf": [*alternatives, self.lookup]}
        if not closed:
            return self._shared(joined(open), open)
        nothing = [{"type": "null"}] if "null" in types else []
        rest = [branch for branch in open if branch["type"] != "null"]
        if rest:
            closed.append(self._shared(joined(rest), rest))
        elif not all("allOf" in branch for branch in closed):
            closed.append(self.lookup)
        return {"anyOf": [*closed, *nothing]}

    def _shared(self, node: Schema, alternatives: list[Schema]) -> Schema:
        """Share what is said in many places: a number with the same bounds."""
        inside = {"object", "array"} & {branch["type"] for branch in alternatives}
        if "pattern" not in node or inside:
            return node
        nothing = "-or-null" if "null" in node["type"] else ""
        return self.share(slug(phrase(alternatives)) + nothing, node)


def _insertable(example: Any) -> bool:
    """Say whether yaml-language-server can insert an example: it writes no mapping in a list."""
    if isinstance(example, dict):
        return all(map(_insertable, example.values()))
    return not isinstance(example, list) or not any(isinstance(e, dict | list) for e in example)


def by(key: str, options: Mapping[str, Schema]) -> Schema:
    """Let a key of a mapping decide what else holds for it."""
    return {
        "allOf": [
            {
                # yaml-language-server also asks this about values that aren't mappings.
                "if": {
                    "type": "object",
                    "properties": {key: {"const": value}},
                    "required": [key],
                },
                "then": option,
            }
            for value, option in options.items()
        ]
    }
