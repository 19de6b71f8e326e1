"""The summary: how the run ended, what went in, what came out and what it bought."""

from __future__ import annotations

from dataclasses import dataclass

from recipec.report.context.words import Badge, Text, Tone


@dataclass(frozen=True, slots=True)
class Status:
    """How the run ended."""

    badge: Badge
    """`done`, `failed` or `gate failed`."""
    headline: str
    """The outcome in one sentence."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the reader must know before anything else."""

    badge: Badge
    """`failed`, `blocked`, `fail`, `inconclusive` or `error`."""
    what: Text
    """Which stage, gate or diagnostic."""
    message: Text
    """What happened, in its own words."""
    hint: Text | None
    """What to do about it."""
    anchor: str
    """The id of the element with the details."""


@dataclass(frozen=True, slots=True)
class Form:
    """The model in one of its forms."""

    stage: Text
    """The stage that made it."""
    anchor: str
    """The id of that stage's element."""
    description: Text
    """Kind, precision, inputs, in one line."""


@dataclass(frozen=True, slots=True)
class Change:
    """A value against the same value elsewhere."""

    text: str
    """The change in words: `1.67× faster`, `−0.22 pp`, `no difference shown`."""
    tone: Tone
    """`good` or `bad` only where a difference was shown."""
    interval: str | None
    """The confidence interval of the ratio, None for exact numbers."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of one stage, or why there is none."""

    value: str
    """The value with its unit, "" where there is none."""
    detail: str | None
    """Confidence interval and number of samples."""
    change: Change | None
    """Against the baseline."""
    missing: Text | None
    """Why there is no value ("blocked: needs cuda"), None where there is one."""
    order: float | None
    """What to sort by."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One headline number of an output."""

    label: str
    """The metric for readers."""
    before: str | None
    """The baseline's value."""
    cell: Cell
    """The output's value and the change."""


@dataclass(frozen=True, slots=True)
class Bought:
    """What a promised output gained against the baseline."""

    form: Form
    """The output."""
    tiles: tuple[Tile, ...]
    """Its headline numbers."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate and its verdict."""

    anchor: str
    """The id of its element."""
    stage: Text
    """The stage that it is about."""
    metric: Text
    """The metric's exact name."""
    required: Text
    """What the recipe asks."""
    against: Text | None
    """The stage that it compares with."""
    verdict: Badge
    """`pass`, `fail` or `inconclusive`."""
    message: Text
    """What was found."""


@dataclass(frozen=True, slots=True)
class Output:
    """A promised artifact."""

    stage: Text
    """The stage that made it."""
    anchor: str
    """The id of that stage's element."""
    kind: Text
    """Its kind."""
    path: Text
    """Its file, beside this report."""
    link: str
    """A relative link to it."""
    size: str
    """Its size, rounded and in bytes."""
    digest: str
    """The sha256 of its content."""
