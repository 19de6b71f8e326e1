"""Quantities that carry their unit, since a bare number could be read in two ways.

`1pp` (percentage points) is not `1%`; `5ms`, `64MiB`, `3x` say what they are.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

_NUMBER: Final = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_SECONDS: Final = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "min": 60.0,
    "h": 3600.0,
}
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


def _quantity(value: object, units: dict[str, float], example: str) -> float:
    if isinstance(value, str) and (
        match := re.fullmatch(rf"\s*({_NUMBER})\s*([^\d\s.]+)\s*", value)
    ):
        number, unit = match.groups()
        if unit in units:
            return float(number) * units[unit]
    names = ", ".join(units)
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise PydanticCustomError(
            "unit_missing",
            "{value} needs a unit ({names}), for example {example}",
            {"value": repr(value), "names": names, "example": example},
        )
    raise PydanticCustomError(
        "unit_unknown",
        "{value} is not a number with a unit ({names}), for example {example}",
        {"value": repr(value), "names": names, "example": example},
    )


def _schema(units: dict[str, Any], example: str) -> WithJsonSchema:
    choice = "|".join(map(re.escape, units))
    return WithJsonSchema(
        {"type": "string", "pattern": rf"^\s*{_NUMBER}\s*(?:{choice})\s*$", "examples": [example]}
    )


def parse_duration(value: object) -> float:
    """Read `5ms`, `2s`, `1.5h` as seconds. Raises PydanticCustomError."""
    return _quantity(value, dict(_SECONDS), "'5ms'")


def parse_bytes(value: object) -> int:
    """Read `64MiB` as bytes. Raises PydanticCustomError."""
    return round(_quantity(value, dict(_BYTES), "'64MiB'"))


def parse_points(value: object) -> float:
    """Read `1pp` (percentage points) as a difference of shares, 0.01."""
    return _quantity(value, {"pp": 0.01}, "'1pp'")


def parse_ratio(value: object) -> float:
    """Read `3x` as the ratio 3.0."""
    return _quantity(value, {"x": 1.0}, "'3x'")


Ratio = Annotated[str, BeforeValidator(lambda v: (parse_ratio(v), v)[1]), _schema({"x": 1}, "3x")]
"""A ratio as written, e.g. `3x`."""
