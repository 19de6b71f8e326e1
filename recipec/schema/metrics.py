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


def metrics(catalog: Catalog, definitions: Definitions) -> Schema:
    """Describe an entry of `measure.metrics`: a family's name, or the name with options."""
    options, snippets = {}, []
    meaning: Schema = {}
    for family, evaluator in sorted(catalog.evaluators().items()):
        said = sentence(next(f.summary for f in evaluator.families if f.name == family))
        options[family] = {**_options(evaluator, definitions), "description": said}
        snippets.append({"label": family, "description": said, "body": family})
        case = {"if": {"const": family}, "then": {"description": said}}
        meaning = {**case, **({"else": meaning} if meaning else {})}
    name = words_as_pattern({"enum": list(options)})
    several = {"type": "object", "properties": options, "additionalProperties": False}
    # In a list `[…]` editors would offer alternatives (`anyOf`) as entries of a list within it.
    return {**joined([name, several]), "defaultSnippets": snippets, **meaning}


def _options(evaluator: type[Evaluator[Any]], definitions: Definitions) -> Schema:
    """Define what a recipe may write beside a family of an evaluator; none of it is needed, as
    `data` and `baseline` are the recipe's own where they aren't written here."""
    mapping, _ = definitions.add(evaluator.params, f"{evaluator.id}.")
    properties = {k: v for k, v in mapping["properties"].items() if k != FAMILIES}
    definitions[evaluator.id] = {**mapping, "title": evaluator.id, "properties": properties}
    reference = {"type": ["object", "string"], "allOf": [{"$ref": f"#/$defs/{evaluator.id}"}]}
    return reference if properties else {**reference, "doNotSuggest": True}


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
