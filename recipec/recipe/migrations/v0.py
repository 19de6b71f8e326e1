"""v0 → recipec/v1. v0 is the format of the first prototype:

    recipe: 1
    stages:
      - id: thinner
        use: prune.magnitude
        with: {sparsity: 0.5}

- `recipe: 1` becomes `apiVersion: recipec/v1`, and the recipe gets a name
- `use` becomes `uses`
- every stage has an `id`
- `010` was eight, and is written so; `0x1F` and `0o17` were text, and are quoted

v0 had no model, no data and no measurements, and ignored keys it didn't know: what is missing or
unknown is told when the result is validated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Final

from recipec.recipe.migrations.edits import Edit, Text
from recipec.recipe.placed import Placed
from recipec.recipe.versions import FIRST_FORMAT

_OCTAL: Final = re.compile(r"([-+]?)0+([0-7]+)")
_PREFIXED: Final = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")


def applies(root: Placed) -> bool:
    """Say whether a file is a recipe of v0: it says `recipe: 1` and has no `apiVersion`."""
    if not isinstance(root.value, dict) or "apiVersion" in root.value:
        return False
    given = root.value.get(FIRST_FORMAT)
    return given == 1 and not isinstance(given, bool)


def edits(root: Placed, text: Text) -> Iterator[Edit]:
    """Give the edits that make a recipe of v0 one of recipec/v1."""
    yield from _head(root, text)
    stages = root.get("stages")
    entries = list(stages.entries()) if stages else []
    taken = {str(given.value) for entry in entries if (given := entry.get("id"))}
    for entry in entries:
        yield from _stage(entry, text, taken)
    yield from _scalars(root, text)


def _head(root: Placed, text: Text) -> Iterator[Edit]:
    """State the version, and a name taken from the file's."""
    first = root.at(FIRST_FORMAT).spans
    start, end = text.start(first.key or first.value), text.end(first.value)
    stem = re.sub(r"[^a-z0-9_-]+", "-", PurePath(root.spans.value.file).stem.lower()).strip("-")
    name = stem if re.match("[a-z]", stem) else f"recipe-{stem}".rstrip("-")
    version = "apiVersion: recipec/v1"
    if root.get("name"):
        yield Edit(start, end, version)
    elif _in_flow(root, text):
        yield Edit(start, end, f"{version}, name: {name}")
    else:
        yield Edit(start, end, version)
        behind = text.line_end(end)
        indent = " " * ((first.key or first.value).column - 1)
        yield Edit(behind, behind, f"{text.line_break}{indent}name: {name}")


def _stage(entry: Placed, text: Text, taken: set[str]) -> Iterator[Edit]:
    use = entry.get("use")
    if use is None or use.spans.key is None or entry.get("uses"):
        return
    key = use.spans.key
    new = "uses"
    if not entry.get("id"):
        id = _new_id(str(use.value), taken)
        between = ", " if _in_flow(entry, text) else f"{text.line_break}{' ' * (key.column - 1)}"
        new = f"id: {id}{between}uses"
    yield Edit(text.start(key), text.end(key), new)


def _new_id(operator: str, taken: set[str]) -> str:
    """Make an id of an operator's name: `magnitude`, `magnitude-2`."""
    plain = re.sub(r"[^a-z0-9_-]+", "-", operator.rpartition(".")[2].lower()).strip("-")
    base = plain if re.match("[a-z]", plain) else "stage"
    number = 1
    while (id := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    taken.add(id)
    return id


def _in_flow(placed: Placed, text: Text) -> bool:
    return text.of(placed.spans.value).startswith("{")


def _scalars(placed: Placed, text: Text) -> Iterator[Edit]:
    """Keep the values of numbers that v0 read in another way."""
    for _, inner in placed.items():
        yield from _scalars(inner, text)
    for inner in placed.entries():
        yield from _scalars(inner, text)
    if isinstance(placed.value, int) and not isinstance(placed.value, bool):
        span = placed.spans.value
        start, end, written = text.start(span), text.end(span), text.of(span)
        if octal := _OCTAL.fullmatch(written):
            yield Edit(start, end, octal[1] + str(int(octal[2], 8)))
        elif _PREFIXED.fullmatch(written):
            yield Edit(start, end, f'"{written}"')
