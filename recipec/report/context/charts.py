"""What charts are drawn from. The page embeds it as JSON, in which a `Text` is its short form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from recipec.api.metrics import Better, MetricUnit
from recipec.report.context.words import Badge, Look, Text

NodeSort = Literal["data", "model", "stage", "measurement"]
"""What a node of the plan is: an entry of `data:`, a model's source, a stage, a measurement."""


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis shows."""

    label: str
    """The quantity for readers ("Size on disk")."""
    unit: MetricUnit
    """Its unit, which decides how ticks are written."""
    better: Better
    """Which direction is better."""
    low: float
    """Where the axis begins."""
    high: float
    """Where it ends."""
    logarithmic: bool = False
    """Whether its scale is logarithmic."""


@dataclass(frozen=True, slots=True)
class Step:
    """One stage in a chart over the stages."""

    stage: Text
    """The stage's id."""
    value: Text
    """The value in words, or why there is none."""
    look: Look
    """How the step looks: `good` and `bad` only where a difference was shown."""
    at: float | None
    """The value, None without one."""
    before: float | None
    """The value of the model that the stage was given, None without one."""
    low: float | None
    """Where the interval begins: of confidence, or in which the plan expected the value."""
    high: float | None
    """Where the interval ends."""
    tip: str
    """All of it in words, line by line."""


@dataclass(frozen=True, slots=True)
class Waterfall:
    """How one quantity changes from stage to stage."""

    id: str
    """The id of its element."""
    title: str
    """The quantity."""
    note: str
    """What the axis shows, and which stages are left out."""
    axis: Axis
    """The axis of values."""
    style: Literal["bars", "dots"]
    """Bars start at zero; dots with intervals needn't."""
    steps: tuple[Step, ...]
    """The stages, in the order of the plan."""


@dataclass(frozen=True, slots=True)
class Point:
    """One model in the chart of size, quality and latency."""

    name: Text
    """The stage that made it; behind the run's name, where there are several."""
    look: Literal["baseline", "output", "plain"]
    """What the model is to its run."""
    front: bool
    """Whether it is on the Pareto front of all axes."""
    values: tuple[float | None, ...]
    """In the order of the axes; None where there is none."""
    texts: tuple[str, ...]
    """The values in words."""


@dataclass(frozen=True, slots=True)
class Scatter:
    """Size, quality and latency of all models."""

    id: str
    """The id of its element."""
    axes: tuple[Axis, ...]
    """Size, quality, and latency where it was measured."""
    points: tuple[Point, ...]
    """The models that have a size and a quality."""
    note: str
    """What the front is, and how many models are left out."""


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A node of the plan in its graph."""

    name: Text
    """Its id."""
    sort: NodeSort
    """What it is."""
    operator: Text
    """Its operator."""
    badge: Badge | None
    """Its status; None for data, and for the measurements together."""
    output: bool
    """Whether the recipe promises what it makes."""


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """What one node takes from another."""

    giver: int
    """The position of the node that gives."""
    taker: int
    """The position of the node that takes."""
    port: Text
    """The input port."""


@dataclass(frozen=True, slots=True)
class Graph:
    """The plan as a graph."""

    nodes: tuple[GraphNode, ...]
    """Data, models, stages and measurements."""
    edges: tuple[GraphEdge, ...]
    """What takes what."""
    note: str
    """What is left out, "" where nothing is."""


@dataclass(frozen=True, slots=True)
class LayerData:
    """The layers of all models, to compare any two of them."""

    json: str
    """What `layers.js` reads: `names` (texts), `rows` (positions of name, type, shape, dtype and
    of what it folds into, -1 for nothing; parameters, multiply-adds, bytes, zeros, -1 when
    unknown), `models` (stage, positions of rows, and by position of `measured` the values by
    position of the layer's name), `measured` (label and unit of what was measured by layer), and
    the positions of the two models to begin with, `before` and `after`."""
    note: str
    """Which models are left out, "" where none are."""
