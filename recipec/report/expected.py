"""What each node was expected to take, against what it took."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from recipec.api import Estimate, Expected, Unknown
from recipec.report import formats
from recipec.report.context import Badge, Compared, Expectations, ExpectedRow, Text
from recipec.report.facts import NOTHING
from recipec.report.text import name
from recipec.run.record import RunRecord, StageRecord

WITHIN: Final = Badge("as expected", "good")
UNSAID: Final = Badge("not expected", "quiet")
UNSEEN: Final = Badge("not measured", "quiet")
REUSED: Final = Badge("reused", "quiet")
_QUANTITIES: Final = ("Time", "Peak memory", "Disk")


def expectations(record: RunRecord) -> Expectations:
    """Compare seconds, peak memory and bytes on disk of all nodes that ran."""
    rows = tuple(_rows(record))
    compared = [fact.verdict for row in rows for fact in row.facts]
    said = [verdict for verdict in compared if verdict not in (UNSAID, UNSEEN, REUSED)]
    held = sum(verdict == WITHIN for verdict in said)
    note = f"{held} of {formats.some(len(said), 'expectation')} held" if said else ""
    return Expectations(rows, _total(record), note)


def _rows(record: RunRecord) -> Iterator[ExpectedRow]:
    for anchor, nodes in (("stage", record.stages), ("measurement", record.measurements)):
        for number, node in enumerate(nodes, 1):
            if not isinstance(node.estimate, Estimate) or node.status not in ("ran", "reused"):
                continue
            if node.status == "reused" and _free(node.estimate):
                continue  # as planned: it was there, and took nothing
            facts = tuple(_facts(node, node.estimate))
            yield ExpectedRow(name(node.id), f"{anchor}-{number}", facts, _verdict(facts))


def _free(estimate: Estimate) -> bool:
    return isinstance(estimate.seconds, Expected) and estimate.seconds.basis == "exact"


def _facts(node: StageRecord, estimate: Estimate) -> Iterator[Compared]:
    taken = (node.seconds, node.peak_memory, sum(node.sizes.values()))
    written = (formats.duration, formats.size, formats.size)
    quantities = (estimate.seconds, estimate.peak_memory, estimate.disk)
    for label, expected, value, write in zip(_QUANTITIES, quantities, taken, written, strict=True):
        yield _compared(label, expected, value, write, reused=node.status == "reused")


def _compared(
    label: str,
    expected: Expected | Unknown,
    value: float | None,
    write: Callable[[float], str],
    *,
    reused: bool = False,
) -> Compared:
    said = Text(NOTHING if isinstance(expected, Unknown) else _range(expected, write))
    if reused:
        return Compared(label, said, Text("it was in the store"), REUSED)
    if value is None:
        return Compared(label, said, Text(NOTHING), UNSEEN)
    if isinstance(expected, Unknown):
        return Compared(label, said, Text(write(value)), UNSAID)
    return Compared(label, said, Text(write(value)), _judged(expected, value))


def _judged(expected: Expected, value: float) -> Badge:
    if expected.holds(value):
        return WITHIN
    return Badge("more" if value > expected.high else "less", "warn")


def _range(expected: Expected, write: Callable[[float], str]) -> str:
    if expected.low == expected.high:
        return write(expected.likely)
    bounds = formats.span(write(expected.low), write(expected.high))
    by = "in" if expected.basis == "measured" else "of"
    runs = f" {by} {formats.some(expected.runs, 'run')}" if expected.runs else ""
    return f"{write(expected.likely)} [{bounds}], {expected.basis}{runs}"


def _verdict(facts: Iterable[Compared]) -> Badge:
    """Give a miss if there is one, else whether anything was compared at all."""
    verdicts = [fact.verdict for fact in facts]
    missed = next((verdict for verdict in verdicts if verdict.tone == "warn"), None)
    if missed is not None:
        return Badge("outside", "warn")
    return next((v for v in (REUSED, WITHIN) if v in verdicts), UNSAID)


def _total(record: RunRecord) -> tuple[Compared, ...]:
    """Compare the plan as a whole: the time of the run, the largest peak, all bytes written."""
    if not isinstance(record.estimate, Estimate):
        return ()
    ran = [n for n in (*record.stages, *record.measurements) if n.status == "ran"]
    peak = max((n.peak_memory for n in ran if n.peak_memory is not None), default=None)
    disk = sum(size for n in ran for size in n.sizes.values())
    taken = (record.seconds, peak, disk)
    estimate = record.estimate
    quantities = (estimate.seconds, estimate.peak_memory, estimate.disk)
    written = (formats.duration, formats.size, formats.size)
    return tuple(
        _compared(label, expected, value, write)
        for label, expected, value, write in zip(
            _QUANTITIES, quantities, taken, written, strict=True
        )
    )
