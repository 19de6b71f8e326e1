"""`measure.metrics`: the families that are installed, with the options of their evaluators."""

from __future__ import annotations

from typing import Any, Final

from recipec.api import Evaluator
from recipec.registry import Catalog
from recipec.schema.definitions import Definitions
from recipec.schema.lookups import Schema, joined, words_as_pattern
from recipec.schema.uses import sentence

FAMILIES: Final = "metrics"
"""The parameter that is the families themselves."""
FILLED: Final = frozenset({FAMILIES, "data", "baseline"})
"""Parameters that the recipe gives where they aren't written beside a family."""


def metrics(catalog: Catalog, definitions: Definitions) -> Schema:
    """Describe an entry of `measure.metrics`: a family's name, or the name with options."""
    options, snippets = {}, []
    meaning: Schema = {}
    for family, evaluator in sorted(catalog.evaluators().items()):
        said = sentence(next(f.summary for f in evaluator.families if f.name == family))
        options[family] = {**_options(evaluator, definitions), "description": said}
        needed = _needed(evaluator)
        body = {family: {name: f"${{{n}:{name}}}" for n, name in enumerate(needed, 1)}}
        snippets.append({"label": family, "description": said, "body": body if needed else family})
        case = {"if": {"const": family}, "then": {"description": said}}
        meaning = {**case, **({"else": meaning} if meaning else {})}
    alone = [family for family, one in catalog.evaluators().items() if not _needed(one)]
    name = words_as_pattern({"enum": sorted(alone)})
    several = {"type": "object", "properties": options, "additionalProperties": False}
    # In a list `[…]` editors would offer alternatives (`anyOf`) as entries of a list within it.
    return {**joined([name, several]), "defaultSnippets": snippets, **meaning}


def _options(evaluator: type[Evaluator[Any]], definitions: Definitions) -> Schema:
    """Define what a recipe may write beside a family of an evaluator."""
    mapping, _ = definitions.add(evaluator.params, f"{evaluator.id}.")
    properties = {k: v for k, v in mapping["properties"].items() if k != FAMILIES}
    definitions[evaluator.id] = {**mapping, "title": evaluator.id, "properties": properties}
    reference = {"type": ["object", "string"], "allOf": [{"$ref": f"#/$defs/{evaluator.id}"}]}
    if needed := _needed(evaluator):
        reference["required"] = needed
    return reference if properties else {**reference, "doNotSuggest": True}


def _needed(evaluator: type[Evaluator[Any]]) -> list[str]:
    """Name the parameters that must stand beside a family."""
    fields = evaluator.params.model_fields.items()
    return [name for name, field in fields if field.is_required() and name not in FILLED]


def exact_names(catalog: Catalog) -> list[Schema]:
    """Give snippets of the exact metric names, which gates judge; a batch size is an example."""
    snippets = []
    for family, evaluator in sorted(catalog.evaluators().items()):
        found = next(f for f in evaluator.families if f.name == family)
        for name in found.names:
            exact = name.replace("…", "1")
            said = sentence(found.summary)
            snippets.append({"label": exact, "description": said, "body": exact})
    return snippets
