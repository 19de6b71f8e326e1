"""Quantities that carry their unit, since a bare number could be read in two ways.

`1pp` (percentage points) is not `1%`; `64MiB` and `3x` say what they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

Readings = Callable[[Any], str]
"""Says how a bare number could be meant."""

_NUMBER: Final = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_BYTES: Final = {
    "B": 1,
    "kB": 10**3,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
}


def _quantity(
    value: object, units: Mapping[str, float], example: str, readings: Readings | None = None
) -> float:
    if isinstance(value, str) and (
        match := re.fullmatch(rf"\s*({_NUMBER})\s*([^\d\s.]+)\s*", value)
    ):
        number, unit = match.groups()
        if unit in units:
            return float(number) * units[unit]
    bare = isinstance(value, int | float) and not isinstance(value, bool)
    names = ", ".join(units)
    meant = readings(value) if bare and readings else f"a number and {names}, for example {example}"
    raise PydanticCustomError(
        "unit_missing" if bare else "unit_unknown",
        "{value} has no unit" if bare else "{value} is not a number with a unit it can have here",
        {"value": repr(value), "hint": f"write {meant}"},
    )


def _schema(units: Mapping[str, float], example: str) -> WithJsonSchema:
    choice = "|".join(map(re.escape, units))
    return WithJsonSchema(
        {"type": "string", "pattern": rf"^\s*{_NUMBER}\s*(?:{choice})\s*$", "examples": [example]}
    )


def parse_bytes(value: object) -> int:
    """Read `64MiB` as bytes. Raises PydanticCustomError."""
    return round(_quantity(value, _BYTES, "'64MiB'"))


def parse_points(value: object) -> float:
    """Read `1pp` (percentage points) as a difference of shares, 0.01."""
    return _quantity(
        value,
        {"pp": 0.01},
        "'1pp'",
        lambda n: f"'{n:g}pp' for {n:g} percentage points, or '{n * 100:g}pp' for a share of {n:g}",
    )


def parse_ratio(value: object) -> float:
    """Read `3x` as the ratio 3.0."""
    return _quantity(value, {"x": 1.0}, "'3x'", lambda n: f"'{n:g}x'")


def _keeping_text(parse: Callable[[object], float]) -> BeforeValidator:
    def check(value: object) -> object:
        parse(value)
        return value

    return BeforeValidator(check)


Ratio = Annotated[str, _keeping_text(parse_ratio), _schema({"x": 1}, "3x")]
"""A ratio as written, e.g. `3x`; `parse_ratio` reads it."""

Points = Annotated[str, _keeping_text(parse_points), _schema({"pp": 1}, "1pp")]
"""Percentage points as written, e.g. `1pp`; `parse_points` reads it."""

ByteSize = Annotated[str, _keeping_text(parse_bytes), _schema(_BYTES, "64MiB")]
"""A number of bytes as written, e.g. `64MiB`; `parse_bytes` reads it."""
