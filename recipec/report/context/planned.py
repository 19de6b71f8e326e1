"""Planned against made, and expected against taken."""

from __future__ import annotations

from dataclasses import dataclass

from recipec.report.context.words import Badge, Text


@dataclass(frozen=True, slots=True)
class Compared:
    """A fact as planned and as made."""

    label: str
    """Which fact."""
    planned: Text
    """`(known after run)` where the plan couldn't know."""
    made: Text
    """`—` where nothing was made."""
    verdict: Badge
    """`equal`, `differs`, `not planned`, `not made`, or `unknown` where it was made."""


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """What a stage's plan said of a model, against what was made."""

    stage: Text
    """The stage, with the output port where it has several."""
    anchor: str
    """The id of that stage's element."""
    facts: tuple[Compared, ...]
    """Parameters, multiply-adds, weight bytes, layer shapes, and all the rest."""
    verdict: Badge
    """All of them together."""


@dataclass(frozen=True, slots=True)
class ExpectedRow:
    """What a node was expected to take, against what it took."""

    stage: Text
    """The stage or measurement."""
    anchor: str
    """The id of that node's element."""
    facts: tuple[Compared, ...]
    """Time, peak memory and disk; the verdict is `as expected`, `more`, `less`, `reused`, `not
    expected` where nothing could be said, or `not measured`."""
    verdict: Badge
    """All of them together: `outside` when one is."""


@dataclass(frozen=True, slots=True)
class Expectations:
    """How good the plan's estimates were."""

    rows: tuple[ExpectedRow, ...]
    """The nodes that ran."""
    total: tuple[Compared, ...]
    """All of them together; the time is that of the whole run."""
    note: str
    """How many expectations held, "" where there were none."""
