"""A value or a `${…}` look-up, in one node.

What a look-up stands for is known when the recipe is read; until then any of them may be right.
Keywords of JSON Schema hold for values of their own type only (`minimum` for numbers, `pattern` for
text), so that one node can say both: `{type: [number, string], minimum: 0, pattern: LOOKUP}`.
Editors explain and complete such a node better than an `anyOf`.
"""

from __future__ import annotations

import re
from typing import Any, Final

from recipec.schema.words import WANTED, phrase

Schema = dict[str, Any]

LOOKUP: Final = r"(^|[^$])\$\{\s*(vars\.|env:|stages\.|data\.)[^{}]*\}"
"""Text that holds a look-up; `$${` is a literal `${`."""

SAID: Final = ("description", "default", "examples")
"""What a node says to its reader; it may stand beside a `$ref`."""

CLOSED: Final = frozenset({"enum", "const", "$ref", "oneOf", "anyOf", "allOf"})
"""Keywords that would refuse a look-up beside them, or hold one already."""


def branches(node: Schema) -> list[Schema]:
    """Give the alternatives of a node, also those within others; the node itself if it has none."""
    if "anyOf" not in node:
        return [node]
    return [inner for branch in node["anyOf"] for inner in branches(branch)]


def joined(alternatives: list[Schema]) -> Schema:
    """Make one node of alternatives of different types, and of a look-up."""
    node: Schema = {}
    for branch in alternatives:
        node |= branch
    types = [branch["type"] for branch in alternatives]
    node["type"] = _in_order(types)
    if "string" not in types:
        node["pattern"] = LOOKUP
    elif "pattern" in node:
        node["pattern"] = f"(?:{node['pattern']})|{LOOKUP}"
    if "pattern" in node:
        message = f"This should be {phrase(alternatives)}, or a look-up such as ${{vars.NAME}}."
        # On a mapping or a list `errorMessage` would stand for what is wrong inside, too.
        inside = bool({"object", "array"} & set(types))
        node["patternErrorMessage" if inside else "errorMessage"] = message
    return {key: value for key, value in node.items() if key != WANTED}


def _in_order(types: list[str]) -> str | list[str]:
    """Order types as editors want it: they insert an empty value of the first one.

    Nothing for text, null for a number that may be left out, and a look-up never.
    """
    own_text = "string" in types
    ordered = [kind for kind in types if kind not in ("string", "null")]
    ordered = ["string", *ordered] if own_text else [*ordered, "string"]
    if "null" in types:
        ordered.insert(len(ordered) if own_text else 0, "null")
    return ordered if len(ordered) > 1 else ordered[0]


def words_as_pattern(node: Schema) -> Schema:
    """Write words that are allowed beside values of other types as a pattern."""
    words = node.get("enum", [node["const"]] if "const" in node else [])
    if not words or not all(isinstance(word, str) for word in words):
        return node
    pattern = f"^(?:{'|'.join(map(re.escape, words))})$"
    said = f"one of {', '.join(words)}" if len(words) > 1 else words[0]
    return {"type": "string", "pattern": pattern, WANTED: said}


def wanted(node: Schema) -> str:
    """Say what a parameter should be, where that says more than its meaning does."""
    found = [branch for branch in branches(node) if branch.get("type") != "null"]
    plain = {"string", "array", "object"}
    if any(b.keys() & CLOSED or (b.get("type") in plain and WANTED not in b) for b in found):
        return ""
    return phrase(found) if all("type" in branch for branch in found) else ""
