"""What a node of a schema wants, in words: for messages, hover texts and names of definitions."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any, Final

WANTED: Final = "x-recipec-wanted"
"""A type of the api says with this what its text should be (`a name under data:`)."""

_TYPES: Final = {
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "array": "a list",
    "object": "a mapping of keys to values",
}
_BOUNDS: Final = {
    "exclusiveMinimum": "> {}",
    "minimum": "≥ {}",
    "exclusiveMaximum": "< {}",
    "maximum": "≤ {}",
}
_SLUG: Final = {"≥": "from", ">": "above", "≤": "to", "<": "below"}


def phrase(branches: Collection[dict[str, Any]]) -> str:
    """Say what a value should be: `a whole number ≥ 1 or N`."""
    types = {branch["type"] for branch in branches}
    needless = {"null", *(["integer"] if "number" in types else [])}
    said = (_one(branch) for branch in branches if branch["type"] not in needless)
    return " or ".join(said) or "null"


def _one(node: dict[str, Any]) -> str:
    if WANTED in node:
        return str(node[WANTED])
    bounds = [sign.format(one_line(node[key])) for key, sign in _BOUNDS.items() if key in node]
    return " ".join([_TYPES[node["type"]], " and ".join(bounds)]).strip()


def slug(phrase: str) -> str:
    """Make a definition's name of a phrase: `whole-number-from-1`."""
    for sign, word in _SLUG.items():
        phrase = phrase.replace(sign, word)
    words = re.findall(r"[a-z0-9.]+", re.sub("^an? ", "", phrase.lower()))
    while len("-".join(words)) > 48:
        words.pop()
    return "-".join(words)


def told(node: dict[str, Any], wanted: str, required: bool) -> str:
    """Write what an editor shows for a parameter: its meaning, what it should be, its default."""
    facts = [f"{wanted[0].upper()}{wanted[1:]}."] if wanted else []
    if required:
        facts.append("Required.")
    elif node.get("default") not in (None, []) and not isinstance(node["default"], dict):
        facts.append(f"Default: {one_line(node['default'])}.")
    return "\n\n".join(part for part in (node.get("description", ""), " ".join(facts)) if part)


def one_line(value: Any) -> str:
    """Write a value in one line, as in a recipe."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {one_line(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(one_line, value)) + "]"
    if isinstance(value, float) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value)
