"""JSON Schemas for editors and machines, generated from the types and the installed operators."""

from __future__ import annotations

from typing import Any

from recipec.api import DataSource, Evaluator, ModelSource, Operator
from recipec.plan.model import Plan
from recipec.recipe import RecipeSpec
from recipec.registry import Catalog
from recipec.run.record import RunRecord

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas(catalog: Catalog) -> dict[str, dict[str, Any]]:
    """Give the schemas of recipe, plan and run record, by name."""
    return {
        "recipe": recipe_schema(catalog),
        "plan": {"$schema": DIALECT, **Plan.model_json_schema(mode="serialization")},
        "run": {"$schema": DIALECT, **RunRecord.model_json_schema(mode="serialization")},
    }


def recipe_schema(catalog: Catalog) -> dict[str, Any]:
    """Give the recipe's schema: `uses:` offers the operators that fit the place, and `with:` is
    checked and completed by the parameters of the one that is named."""
    schema = RecipeSpec.model_json_schema(by_alias=True)
    definitions: dict[str, Any] = schema.setdefault("$defs", {})
    places: dict[str, list[type[Operator[Any]]]] = {"model": [], "data": [], "stage": []}
    for offered in catalog.operators.values():
        operator = offered.operator
        if issubclass(operator, ModelSource):
            places["model"].append(operator)
        elif issubclass(operator, DataSource):
            places["data"].append(operator)
        elif not issubclass(operator, Evaluator):
            places["stage"].append(operator)
    for operators in places.values():
        for operator in operators:
            definitions[f"params.{operator.id}"] = _params(operator, definitions)
    definitions["Model"] = _use(definitions["Use"], places["model"])
    definitions["Data"] = _use(definitions["Use"], places["data"])
    definitions["Stage"] = _use(definitions["Stage"], places["stage"])
    definitions.pop("Use")
    properties = schema["properties"]
    properties["model"] = {
        "$ref": "#/$defs/Model",
        "description": properties["model"].get("description", ""),
    }
    data = properties["data"]
    data["additionalProperties"] = {"$ref": "#/$defs/Data"}
    data.pop("patternProperties", None)
    measure = definitions["Measure"]["properties"]["metrics"]
    measure["items"] = _metrics(catalog)
    properties["$schema"] = {"type": "string", "description": "The schema an editor uses."}
    schema["patternProperties"] = {"^x-": {}}
    schema["additionalProperties"] = False
    return {"$schema": DIALECT, **schema, "title": "recipec recipe"}


def _use(base: dict[str, Any], operators: list[type[Operator[Any]]]) -> dict[str, Any]:
    """Narrow a `uses`/`with` object to some operators, each with its own parameters."""
    properties = dict(base["properties"])
    properties["uses"] = {
        "description": properties["uses"].get("description", ""),
        "oneOf": [{"const": op.id, "description": op.summary} for op in operators],
    }
    properties["with"] = {"type": "object", "description": "The operator's parameters."}
    conditions = []
    for op in operators:
        needs_with = bool(op.params.model_json_schema().get("required"))
        then: dict[str, Any] = {"properties": {"with": {"$ref": f"#/$defs/params.{op.id}"}}}
        if needs_with:
            then["required"] = ["with"]
        conditions.append(
            {"if": {"properties": {"uses": {"const": op.id}}, "required": ["uses"]}, "then": then}
        )
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": base["required"],
        "allOf": conditions,
    }


def _params(operator: type[Operator[Any]], definitions: dict[str, Any]) -> dict[str, Any]:
    """Give an operator's parameters, with its nested definitions moved to the top, and look-ups
    allowed for every value that isn't text already."""
    schema = operator.params.model_json_schema(
        by_alias=True, ref_template=f"#/$defs/params.{operator.id}.{{model}}"
    )
    for name, nested in schema.pop("$defs", {}).items():
        definitions[f"params.{operator.id}.{name}"] = _with_lookups(nested)
    return {**_with_lookups(schema), "title": operator.id, "description": operator.summary}


LOOKUP = {"type": "string", "pattern": r"\$\{.*\}"}


def _with_lookups(schema: dict[str, Any]) -> dict[str, Any]:
    """Let every property also be a `${…}` look-up: what it stands for is known when it is read."""
    if "properties" not in schema:
        return schema
    properties = {}
    for name, value in schema["properties"].items():
        kept = {k: value[k] for k in ("description", "default", "examples", "title") if k in value}
        rest = {k: v for k, v in value.items() if k not in kept}
        properties[name] = {**kept, "anyOf": [*rest.get("anyOf", [rest]), LOOKUP]}
    return {**schema, "properties": properties}


def _metrics(catalog: Catalog) -> dict[str, Any]:
    families = [
        {"const": family.name, "description": family.summary}
        for evaluator in sorted(set(catalog.evaluators().values()), key=lambda e: e.id)
        for family in evaluator.families
    ]
    options = {
        family.name: {"type": "object", "description": family.summary}
        for evaluator in set(catalog.evaluators().values())
        for family in evaluator.families
    }
    return {
        "anyOf": [
            {"oneOf": families},
            {
                "type": "object",
                "properties": dict(sorted(options.items())),
                "additionalProperties": False,
                "minProperties": 1,
                "maxProperties": 1,
            },
        ]
    }
