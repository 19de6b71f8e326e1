"""The schema of recipes: the keys of the recipe's models, filled with what plugins offer."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from recipec.plan.lints import lints_of
from recipec.recipe.model import RecipeSpec, Stage, Use
from recipec.recipe.source_model import (
    DataOverlay,
    Preset,
    RecipeSource,
    StageOverlay,
    UseOverlay,
)
from recipec.registry import Catalog
from recipec.schema.definitions import Definitions
from recipec.schema.lookups import Schema
from recipec.schema.metrics import exact_names, metrics
from recipec.schema.uses import Place

VARIABLE_NAME: Final[Schema] = {
    "pattern": r"^[A-Za-z_][A-Za-z0-9_-]*$",
    "errorMessage": "A variable has a name of letters, digits, - and _, beginning with a letter.",
}
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def recipe_schema(catalog: Catalog) -> dict[str, Any]:
    """Give the schema of recipes: `uses:` offers the operators that fit the place, and `with:` is
    checked and completed by the parameters of the one that is named.

    A recipe that extends another needn't be whole, and neither need a preset.
    """
    definitions = Definitions()
    spec, source = definitions.add(RecipeSpec)
    composed, _ = definitions.add(RecipeSource)
    properties = {**spec["properties"], **composed["properties"]}
    properties["apiVersion"] = {  # it is read before anything is looked up
        "const": source["properties"]["apiVersion"]["const"],
        "description": properties["apiVersion"]["description"],
    }
    properties["vars"] |= {"additionalProperties": _variable(), "propertyNames": VARIABLE_NAME}
    properties["$schema"] = {"type": "string", "description": "The schema an editor uses."}
    definitions["Measure"]["properties"]["metrics"]["items"] = metrics(catalog, definitions)
    definitions["Gate"]["properties"]["metric"]["defaultSnippets"] = exact_names(catalog)
    lints = {code: lint.summary for code, lint in lints_of(catalog).items()}
    told = definitions["Silence"]["properties"]["lint"]["description"]
    definitions["Silence"]["properties"]["lint"] = {
        **definitions.one_of(lints),
        "description": told,
    }
    for name in ("Gate", "Silence"):
        definitions[name] |= definitions.needs({"$ref": f"#/$defs/{name}"})
    wholes, changes = _entries(catalog, properties, definitions)
    wholes["measure"] = {
        **definitions.needs(source["properties"]["measure"]),
        "doNotSuggest": True,
    }
    definitions["Preset"] = {
        "title": "preset",
        "type": "object",
        "properties": {
            name: changes.get(name, {"$ref": f"#/properties/{name}"})
            for name in Preset.model_fields
        },
        "additionalProperties": False,
    }
    for name in wholes.keys() - {"measure"}:
        properties[name] = {"doNotSuggest": True}
    order = ("apiVersion", "name", "description", "extends", "vars")
    needed = [name for name in source["required"] if name not in order]
    return {
        "$schema": DIALECT,
        "title": "recipe",
        "description": source["description"],
        "type": "object",
        "properties": {name: properties[name] for name in (*order, *properties)},
        "patternProperties": {"^x-": {}},
        "additionalProperties": False,
        "required": [name for name in source["required"] if name in order],
        "if": {"type": "object", "required": ["extends"]},
        "then": {"properties": changes},
        "else": {"properties": wholes, "required": needed},
        "$defs": dict(sorted(definitions.items())),
    }


def _entries(
    catalog: Catalog, properties: Schema, definitions: Definitions
) -> tuple[Schema, Schema]:
    """Define what uses operators: whole, and as a recipe that extends another changes it."""
    places: dict[str, tuple[type[BaseModel], type[BaseModel]]] = {
        "model": (Use, UseOverlay),
        "data": (Use, DataOverlay),
        "stage": (Stage, StageOverlay),
    }
    for unused in ("Use", "UseOverlay", "DataOverlay", "Stage", "StageOverlay"):
        definitions.pop(unused)
    described: tuple[Schema, Schema] = {}, {}
    for name, models in places.items():
        place = Place(name, catalog, definitions)
        for found, model, whole in zip(described, models, (True, False), strict=True):
            reference = definitions.share(
                name.capitalize() if whole else f"{name.capitalize()}Change",
                place.entry(model, whole=whole),
            )
            if name == "model":
                said = properties[name]["description"]
                found[name] = {
                    "allOf": [reference],
                    "type": ["object", "string"],
                    "description": said,
                }
            elif name == "data":
                found[name] = {**properties[name], "additionalProperties": reference}
                found[name].pop("patternProperties", None)
            else:
                found["stages"] = {**properties["stages"], "items": reference}
    return described


def _variable() -> Schema:
    """Describe an entry of `vars`: any value, or a declaration, which these keys tell it by."""
    snippet = {
        "label": "a number with bounds",
        "description": "A variable with a type, a default and bounds.",
        "body": {"type": "number", "default": "$1", "min": "$2", "max": "$3", "description": "$4"},
    }
    return {
        "if": {
            "type": "object",
            "anyOf": [{"required": [key]} for key in ("default", "type", "description")],
        },
        "then": {"$ref": "#/$defs/Variable"},
        "else": {"defaultSnippets": [snippet], "allOf": [True]},
    }
