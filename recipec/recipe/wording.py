"""Pydantic's errors in words: it speaks of Python's types, and a recipe's author writes YAML."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from recipec.api.notation import shown
from recipec.recipe.fields import Spot, keys

OWN: Final = ("unit_", "gate_", "reserved_", "malformed_")
"""Prefixes of recipec's own error types, whose messages are whole sentences."""
QUOTE: Final = "'"
_BOUNDS: Final = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")
_BOUND_WORDS: Final = {
    "gt": "more than {}",
    "ge": "at least {}",
    "lt": "less than {}",
    "le": "at most {}",
}
_NUMBERS: Final[Mapping[Any, str]] = {int: "a whole number", float: "a number"}
_A_LIST: Final = frozenset({"tuple_type", "list_type", "set_type", "frozen_set_type"})
_A_MAPPING: Final = frozenset(
    {"dict_type", "model_type", "model_attributes_type", "mapping_type", "dataclass_type"}
)
_PHRASES: Final[Mapping[str, str]] = {
    **dict.fromkeys(_A_LIST, "a list"),
    **dict.fromkeys(_A_MAPPING, "a mapping of keys to values"),
    "string_type": "text",
    "string_too_long": "text of at most {max_length} characters",
    "float_type": "a number",
    "float_parsing": "a number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a whole number that isn't as long",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "finite_number": "a finite number",
    "multiple_of": "a multiple of {multiple_of}",
    "none_required": "null",
}
OF_THE_WHOLE: Final = (
    _A_LIST
    | _A_MAPPING
    | {kind for kind in _PHRASES if kind.endswith("_type")}
    | {"literal_error", "none_required", "too_short"}
)
"""Errors that say no more of a list or mapping in which something is wrong: it isn't of another
branch of a union, or, of what was right in it, there is too little."""


def is_own(kind: str) -> bool:
    """Say whether an error is recipec's own, and its message a sentence."""
    return kind.startswith(OWN)


def sentence(name: str, told: Sequence[ErrorDetails], spot: Spot, given: object) -> str:
    """Say what is wrong with a value; several errors are those of a union's branches."""
    own = [details for details in told if is_own(details["type"])]
    if own:
        return f"{name}: {own[0]['msg']}"
    if len(told) == 1 and told[0]["type"] in ("too_short", "too_long"):
        return f"{name} {_of_length(told[0])}"
    phrases = list(dict.fromkeys(_phrase(details, spot, len(told) > 1) for details in told))
    said = [phrase for phrase in phrases if phrase is not None]
    if not said:  # a validator's own words
        words = told[0]["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
        return f"{name}: {words[:1].lower()}{words[1:]}"
    return f"{name} should be {alternatives(said)}, not {shown(given)}"


def hint(told: Sequence[ErrorDetails]) -> str | None:
    """Give the hint that a validator of recipec's or a plugin's sent along."""
    return next((h for d in told if (h := d.get("ctx", {}).get("hint"))), None)


def form(told: Sequence[ErrorDetails], spot: Spot) -> str | None:
    """Show the form of a value: of a list that was given bare, of a mapping its keys."""
    given, kinds = told[0]["input"], {details["type"] for details in told}
    if kinds <= _A_LIST and isinstance(given, str | int | float):
        return f"write [{shown(given).strip(QUOTE)}]"
    if kinds == {"string_type"} and isinstance(given, int | float):
        return f"in quotes it is text: {shown(str(given))}"
    if kinds <= _A_LIST and isinstance(given, dict):
        return "the entries of a list begin with `- `"
    if named := [k for one in spot.models for k, f in keys(one).items() if _names(f, given)]:
        return f"write {{{named[0]}: {given}}}"
    if kinds <= _A_MAPPING and spot.keys:
        needed = [key for one in spot.models for key, f in keys(one).items() if f.is_required()]
        said = [f"{key} (needed)" if key in needed else key for key in spot.keys]
        return f"its keys are {', '.join(said)}"
    return None


def _names(field: FieldInfo, given: object) -> bool:
    """Whether a value is one that names which form a mapping has."""
    return get_origin(field.annotation) is Literal and given in get_args(field.annotation)


def alternatives(words: Sequence[str]) -> str:
    """Join words: `a, b or c`."""
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def _phrase(details: ErrorDetails, spot: Spot, among_others: bool) -> str | None:
    """Say what a value should have been; None where the error is a sentence of its own."""
    kind, context = details["type"], details.get("ctx", {})
    if kind in _PHRASES:
        return _PHRASES[kind].format(**context)
    if kind in _BOUNDS:
        kinds = [form.type for form in spot.forms if form.type in _NUMBERS]
        number = f"{_NUMBERS[kinds[0]]} " if kinds and among_others else ""
        return number + _between(spot.bounds or context)
    if kind == "literal_error":
        return alternatives([shown(choice) for choice in spot.choices] or [context["expected"]])
    if kind == "string_too_short":
        least = context["min_length"]
        return "text that isn't empty" if least == 1 else f"text of at least {least} characters"
    if kind in ("too_short", "too_long"):
        return "a list that is longer" if kind == "too_short" else "a list that is shorter"
    if kind == "string_pattern_mismatch":
        examples = (spot.field.examples if spot.field is not None else None) or ()
        if examples:
            return f"text such as {shown(examples[0])}"
        return f"text of the form {context.get('pattern')}"
    if kind in ("value_error", "assertion_error"):
        return None
    match = re.fullmatch(r"Input should be (?:a valid |an? )?(.*)", details["msg"])
    return None if match is None else match[1].replace("dictionary", "mapping")


def _between(bounds: Mapping[str, Any]) -> str:
    return " and ".join(
        words.format(shown(bounds[name])) for name, words in _BOUND_WORDS.items() if name in bounds
    )


def _of_length(details: ErrorDetails) -> str:
    context = details.get("ctx", {})
    if details["type"] == "too_long":
        return f"can have {context['max_length']} entries, and has {context['actual_length']}"
    least = context["min_length"]
    return f"needs at least {least} {'entry' if least == 1 else 'entries'}"
