"""What stages are expected to take, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from recipec.api import Estimate, Expected, Unknown
from recipec.plan.text.numbers import duration, size


def cost(estimate: Estimate) -> Iterator[str]:
    """Give what a stage is expected to take: time, memory, disk.

    What stands behind it is told with each, or with the first where it is the same for all.
    """
    parts = [
        (estimate.seconds, duration, ""),
        (estimate.peak_memory, size, " memory"),
        (estimate.disk, size, " disk"),
    ]
    bases = {
        basis(expected)
        for expected, *_ in parts
        if isinstance(expected, Expected) and expected.basis != "exact"
    }
    for number, (expected, write, what) in enumerate(parts):
        if isinstance(expected, Unknown):
            if not what:
                yield "time not known"
        elif expected.high or not what:
            told = basis(expected) if not number or len(bases) > 1 else ""
            yield ranged(expected, write, what, told)


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
