"""Quantities that carry their unit, since a bare number could be read in two ways.

`1pp` (percentage points) is not `1%`; `5ms`, `64MiB` and `3x` say what they are. A parameter of one
of these types is kept as it is written, and its `parse_…` function reads it; a `Share` is a float.
Every `parse_…` function raises PydanticCustomError, with a message and a hint for people.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from recipec.api.known_units import COUNT, DROP, DURATION, POINTS, RATE, RATIO, SIZE
from recipec.api.notation import shown
from recipec.api.quantities import as_written, problem, split
from recipec.api.shares import Share, parse_share

__all__ = [
    "ByteSize",
    "Drop",
    "Duration",
    "Fall",
    "Points",
    "Ratio",
    "Share",
    "parse_bytes",
    "parse_count",
    "parse_drop",
    "parse_duration",
    "parse_points",
    "parse_rate",
    "parse_ratio",
    "parse_share",
]


class Fall(NamedTuple):
    """How far a value may fall: `amount` of 1, or, when `relative`, of the other value."""

    amount: float
    relative: bool


def parse_bytes(value: object) -> int:
    """Read `64MiB` as bytes, rounded to whole ones."""
    return round(SIZE.read(value))


def parse_duration(value: object) -> float:
    """Read `5ms` as seconds."""
    return DURATION.read(value)


def parse_ratio(value: object) -> float:
    """Read `3x` as the ratio 3.0, which is more than 0."""
    ratio = RATIO.read(value)
    if not ratio:
        raise problem("unit_value", "a ratio is more than 0", "write '1x' for no worse than it is")
    return ratio


def parse_points(value: object) -> float:
    """Read `1pp` (percentage points) as a difference of shares, 0.01."""
    return POINTS.read(value)


def parse_drop(value: object) -> Fall:
    """Read `1pp` (percentage points) or `1%` (of the other value)."""
    return Fall(DROP.read(value), relative=str(value).rstrip().endswith("%"))


def parse_count(value: object) -> float:
    """Read a bare number, or one of thousands, millions or billions: `44226`, `25.6M`."""
    parts = split(value)
    if parts is None or parts[0] or parts[2] is not None:
        return COUNT.read(value)
    if float(parts[1]) > COUNT.most:
        raise problem("unit_value", f"{shown(value)} is too large for a count")
    return float(parts[1])


def parse_rate(value: object) -> float:
    """Read `1000/s` as how many in a second."""
    return RATE.read(value)


ByteSize = Annotated[
    str,
    *as_written(
        parse_bytes, "size", SIZE.pattern, "A number of bytes with its unit.", "64MiB", "1GB"
    ),
]
"""A number of bytes as written, e.g. `64MiB`; `parse_bytes` reads it."""

Duration = Annotated[
    str,
    *as_written(
        parse_duration, "duration", DURATION.pattern, "A time with its unit.", "5ms", "10min"
    ),
]
"""A time as written, e.g. `5ms`; `parse_duration` reads it."""

Ratio = Annotated[
    str,
    *as_written(
        parse_ratio,
        "ratio",
        RATIO.pattern.replace("^", "^(?=[^xeE]*[1-9])", 1),  # it isn't 0
        "How many times as much or as good.",
        "3x",
    ),
]
"""A ratio as written, e.g. `3x`; `parse_ratio` reads it."""

Points = Annotated[
    str,
    *as_written(
        parse_points, "points", POINTS.pattern, "A difference in percentage points.", "1pp"
    ),
]
"""Percentage points as written, e.g. `1pp`; `parse_points` reads it."""

Drop = Annotated[
    str,
    *as_written(
        parse_drop,
        "drop",
        DROP.pattern,
        "How far a value may fall: in percentage points (from 97% to 96% is 1pp), or in percent of "
        "the other value (1% of 97% is 0.97pp).",
        "1pp",
        "1%",
    ),
]
"""A fall as written, `1pp` or `1%`; `parse_drop` reads it."""
