"""What stages are expected to take, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from recipec.api import Estimate, Expected
from recipec.plan.text.numbers import duration, size

_PLAIN: Final = 1e9
"""Bytes of memory that any process with a framework may take: worth no word at every stage, as long
as nothing was learnt of it."""


def cost(estimate: Estimate) -> Iterator[str]:
    """Give what a stage is expected to take: time, memory where it is out of the ordinary, disk.

    What stands behind it is told with each, or with the first where it is the same for all.
    """
    seconds, memory, disk = estimate.seconds, estimate.peak_memory, estimate.disk
    told: list[tuple[Expected, Callable[[float], str], str]] = []
    if isinstance(seconds, Expected):
        told.append((seconds, duration, ""))
    else:
        yield "time not known"
    if isinstance(memory, Expected) and (memory.runs or memory.likely >= _PLAIN):
        told.append((memory, size, " memory"))
    if isinstance(disk, Expected) and disk.high:
        told.append((disk, size, " disk"))
    alike = len({expected.basis for expected, _, _ in told}) == 1
    for number, (expected, write, what) in enumerate(told):
        yield ranged(expected, write, what, "" if alike and number else basis(expected))


def ranged(
    expected: Expected, write: Callable[[float], str], what: str = "", stands: str = ""
) -> str:
    """Write what is likely, and the range: `4.2 s (1.5–20 s)`, `190 kB disk (measured)`."""
    low, likely, high = (write(v) for v in (expected.low, expected.likely, expected.high))
    said = []
    if not low == likely == high:
        units = [text.partition(" ")[2] for text in (low, high)]
        one_unit = units[0] == units[1] and " " not in units[0]
        long = low.count(" ") > 1 or high.count(" ") > 1
        start = low.partition(" ")[0] if one_unit else low
        said.append(f"{start} to {high}" if long else f"{start}–{high}")
    if stands:
        said.append(stands)
    return f"{likely}{what} ({'; '.join(said)})" if said else f"{likely}{what}"


def basis(expected: Expected) -> str:
    """Say what an estimate stands on: `measured in 3 runs`, `model of 5 runs`, `guess`."""
    if not expected.runs:
        return expected.basis
    runs = "1 run" if expected.runs == 1 else f"{expected.runs} runs"
    return f"{expected.basis} {'in' if expected.basis == 'measured' else 'of'} {runs}"
