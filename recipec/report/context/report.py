"""The page as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from recipec.report.context.charts import Graph, LayerData, Scatter, Waterfall
from recipec.report.context.layers import Layers
from recipec.report.context.numbers import Measured, Number
from recipec.report.context.planned import Expectations, PlannedRow
from recipec.report.context.provenance import Finding, Machine, Recipe, Section
from recipec.report.context.stages import Data, Stage
from recipec.report.context.summary import Bought, Form, Gate, Output, Problem, Status
from recipec.report.context.words import Pair, Text


@dataclass(frozen=True, slots=True)
class Report:
    """Every variable that a template of the report may use."""

    title: Text
    """The recipe's name."""
    status: Status
    """How the run ended."""
    problems: tuple[Problem, ...]
    """What must be known first: failed and blocked stages, gates that didn't pass, errors."""
    overview: tuple[Pair, ...]
    """When, how long, how many stages ran."""
    went_in: Form | None
    """The baseline, or the source model where the recipe names no baseline."""
    came_out: tuple[Bought, ...]
    """The promised models and what they gained."""
    outputs: tuple[Output, ...]
    """The promised artifacts that were made."""
    missing_outputs: tuple[Text, ...]
    """Stages whose artifact was promised and not made."""
    measured: Measured
    """The numbers over all stages."""
    waterfalls: tuple[Waterfall, ...]
    """How each of them changes from stage to stage."""
    tradeoff: Scatter | None
    """Size, quality and latency of all models; None where fewer than two have both of the first."""
    numbers: tuple[Number, ...]
    """Every measured number."""
    gates: tuple[Gate, ...]
    """The gates and their verdicts."""
    planned: tuple[PlannedRow, ...]
    """Planned against made, each stage that makes a model."""
    expected: Expectations
    """Expected against taken: time, memory, disk."""
    layers: tuple[Layers, ...]
    """Layers before and after, for each output."""
    layer_data: LayerData | None
    """The layers of all models, for the page's script; None where no two can be compared."""
    graph: Graph
    """The plan as a graph."""
    costs: tuple[Waterfall, ...]
    """Time and peak memory by stage, beside what the plan expected."""
    stages: tuple[Stage, ...]
    """The stages."""
    measurements: tuple[Stage, ...]
    """The measurements."""
    data: tuple[Data, ...]
    """The data."""
    machine: Machine
    """Environment and provenance."""
    findings: tuple[Finding, ...]
    """Diagnostics."""
    recipe: Recipe
    """The recipe and how to run it again."""
    sections: tuple[Section, ...] = ()
    """What plugins add."""
