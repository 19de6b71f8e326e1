"""The numbers over the stages, and every measured number."""

from __future__ import annotations

from dataclasses import dataclass

from recipec.report.context.summary import Cell
from recipec.report.context.words import Badge, Text


@dataclass(frozen=True, slots=True)
class Column:
    """One metric of the table over the stages."""

    name: Text
    """The exact name ("latency.p50@batch=1")."""
    label: Text
    """The name for readers ("Latency p50, batch 1")."""


@dataclass(frozen=True, slots=True)
class Row:
    """One stage of the table over the stages."""

    stage: Text
    """The stage's id."""
    anchor: str
    """The id of that stage's element."""
    badge: Badge
    """The stage's status."""
    form: str
    """Kind and precision of the model that it made."""
    baseline: bool
    """Whether it is the one that all are compared with."""
    output: bool
    """Whether the recipe promises it."""
    cells: tuple[Cell, ...]
    """In the order of the columns."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The table over all stages that make a model."""

    columns: tuple[Column, ...]
    """The metrics."""
    rows: tuple[Row, ...]
    """The stages."""
    against: Text | None
    """The stage that changes are against."""


@dataclass(frozen=True, slots=True)
class Number:
    """One measured number among all of them."""

    stage: Text
    """The stage, or the plan node that it is about."""
    name: Text
    """The metric's exact name."""
    value: str
    """The value with its unit."""
    detail: str | None
    """Confidence interval and number of samples."""
    comparison: str | None
    """Against another stage, as it was measured side by side, with the interval."""
    order: float | None
    """What to sort by."""
