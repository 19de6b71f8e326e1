"""Whole entries of a recipe for an editor to insert, with places to fill in."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from recipec.schema.definitions import Definitions
from recipec.schema.lookups import Schema


def entry(operator: str, needed: Schema, definitions: Definitions, *, named: bool) -> Schema:
    """Write an entry that uses an operator, with the parameters that it needs.

    `named` entries begin with an `id`; `needed` is what `Definitions.needs` says of the parameters.
    """
    count = itertools.count(1)
    name = {"id": f"${{{next(count)}:{operator.partition('.')[0]}}}"} if named else {}
    filled = _to_fill_in(definitions[operator], needed, definitions, count)
    return {**name, "uses": operator, **({"with": filled} if filled else {})}


def _to_fill_in(
    node: Schema, needed: Schema, definitions: Definitions, count: Iterator[int]
) -> dict[str, Any]:
    written = {}
    for name in needed.get("required", []):
        given = node["properties"][name]
        inner = needed.get("properties", {}).get(name, {})
        if "examples" in given:
            example = given["examples"][0]
            plain = isinstance(example, str | int | float)
            written[name] = f"${{{next(count)}:{example}}}" if plain else example
        elif "required" in inner and "allOf" in given:
            held = definitions[given["allOf"][0]["$ref"].rpartition("/")[2]]
            written[name] = _to_fill_in(held, inner, definitions, count)
        else:
            written[name] = f"${next(count)}"
    return written
