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
_QUANTITIES: Final[tuple[tuple[str, Callable[[float], str]], ...]] = (
    ("Time", formats.duration),
    ("Peak memory", formats.size),
    ("Disk", formats.size),
)


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
            facts = _facts(node, node.estimate)
            yield ExpectedRow(name(node.id), f"{anchor}-{number}", facts, _verdict(facts))


def _free(estimate: Estimate) -> bool:
    return isinstance(estimate.seconds, Expected) and estimate.seconds.basis == "exact"


def _facts(node: StageRecord, estimate: Estimate) -> tuple[Compared, ...]:
    taken = (node.seconds, node.peak_memory, sum(node.sizes.values()))
    return _quantities(estimate, taken, reused=node.status == "reused")


def _quantities(
    estimate: Estimate, taken: tuple[float | None, ...], *, reused: bool = False
) -> tuple[Compared, ...]:
    """Compare all three; what a range stands on is said with the first that stands on it."""
    found, before = [], None
    for (label, write), expected, value in zip(
        _QUANTITIES, (estimate.seconds, estimate.peak_memory, estimate.disk), taken, strict=True
    ):
        basis = expected.basis if isinstance(expected, Expected) else None
        said = NOTHING
        if isinstance(expected, Expected):
            said = _range(expected, write, told=basis == before)
        found.append(_compared(label, Text(said), expected, value, write, reused))
        before = basis or before
    return tuple(found)


def _compared(
    label: str,
    said: Text,
    expected: Expected | Unknown,
    value: float | None,
    write: Callable[[float], str],
    reused: bool,
) -> Compared:
    if reused:
        return Compared(label, said, Text("it was in the store"), REUSED)
    if value is None:
        return Compared(label, said, Text(NOTHING), UNSEEN)
    verdict = UNSAID if isinstance(expected, Unknown) else _judged(expected, value)
    return Compared(label, said, Text(write(value)), verdict)


def _judged(expected: Expected, value: float) -> Badge:
    if expected.holds(value):
        return WITHIN
    return Badge("more" if value > expected.high else "less", "warn")


def _range(expected: Expected, write: Callable[[float], str], *, told: bool) -> str:
    if expected.low == expected.high:
        return write(expected.likely)
    said = f"{write(expected.likely)} [{formats.span(write(expected.low), write(expected.high))}]"
    if told:
        return said
    by = "in" if expected.basis == "measured" else "of"
    runs = f" {by} {formats.some(expected.runs, 'run')}" if expected.runs else ""
    return f"{said}, {expected.basis}{runs}"


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
    return _quantities(record.estimate, (record.seconds, peak, disk))
