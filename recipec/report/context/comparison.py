"""The page that compares several runs: the variants of a recipe, or any others."""

from __future__ import annotations

from dataclasses import dataclass

from recipec.report.context.charts import Scatter, Waterfall
from recipec.report.context.numbers import Column
from recipec.report.context.summary import Cell, Gate
from recipec.report.context.words import Badge, Pair, Text


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """One of the runs."""

    label: Text
    """What it is called."""
    link: str | None
    """A relative link to its own report."""
    badge: Badge
    """How it ended; `error` where it came to nothing."""
    problem: Text | None
    """Why it came to nothing, or the first thing that went wrong."""
    facts: tuple[Pair, ...]
    """When, how long, which recipec, Python and CPU."""
    gates: tuple[Gate, ...]
    """Its gates and their verdicts."""


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A model of a run: the baseline, or a promised output."""

    run: Text
    """The run's label."""
    stage: Text
    """The stage that made it."""
    link: str | None
    """A relative link to the run's own report."""
    baseline: bool
    """Whether it is the baseline of its run."""
    front: bool
    """Whether it is on the Pareto front."""
    cells: tuple[Cell, ...]
    """In the order of the columns; changes are against the baseline of its own run."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A value of the recipes, or of the machines, that isn't the same in all runs."""

    label: Text
    """Where it stands."""
    values: tuple[Text, ...]
    """The values, in the order of the runs."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every variable that a template of a comparison may use."""

    title: Text
    """What is compared."""
    headline: str
    """How the runs ended, in one sentence."""
    runs: tuple[ComparedRun, ...]
    """The runs."""
    columns: tuple[Column, ...]
    """The metrics of the table."""
    rows: tuple[ComparedRow, ...]
    """Each run's outputs, and the baselines."""
    waterfalls: tuple[Waterfall, ...]
    """Charts of the outputs, metric by metric."""
    tradeoff: Scatter | None
    """Size, quality and latency of all models of all runs."""
    differences: tuple[Difference, ...]
    """What the recipes and machines of the runs differ in."""
