"""The context of the report's templates: what `report.html.j2` and `report.md.j2` may use.

`Report` names every variable; the other classes are what those hold. All values are finished text
(units, rounding and wording are decided in the view), except geometry and sort keys. A value that
came from outside, and may be long, is a `Text`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tone = Literal["good", "bad", "warn", "quiet"]
"""How a word should look; it is never told by colour alone."""
Look = Literal["baseline", "plain", "good", "bad"]
"""How a mark in a chart should look."""


@dataclass(frozen=True, slots=True)
class Text:
    """A name or a sentence from outside."""

    short: str
    """What is shown; ends in … where it was cut."""
    full: str | None = None
    """The whole text where it was cut, else None."""

    def __str__(self) -> str:
        return self.short

    @property
    def length(self) -> str:
        """How many characters the whole text has."""
        return f"{len(self.full or self.short):,}"


@dataclass(frozen=True, slots=True)
class Badge:
    """A status or a verdict."""

    word: str
    """What it says ("ran", "pass")."""
    tone: Tone
    """How it looks."""


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
class Pair:
    """A labelled value."""

    label: Text
    """What it is."""
    value: Text
    """Its value."""


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
class Mark:
    """One stage in a chart; positions are in percent of its width."""

    stage: Text
    """The stage's id."""
    value: Text
    """The value in words, or why there is none."""
    look: Look
    """How the mark looks."""
    at: float | None
    """Where the bar ends or the dot stands, None without a value."""
    low: float | None
    """Where the interval begins."""
    high: float | None
    """Where the interval ends."""
    off: bool = False
    """Whether the value lies left of the axis; it is drawn as an arrow."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A small chart over all stages."""

    title: str
    """The metric."""
    axis: str
    """What the axis shows and where it begins and ends."""
    style: Literal["bars", "dots"]
    """Bars start at zero; dots with intervals needn't."""
    reference: float | None
    """The position of a vertical line (the baseline of a ratio)."""
    marks: tuple[Mark, ...]
    """One for each stage."""


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


@dataclass(frozen=True, slots=True)
class Shift:
    """A value before and after."""

    before: str
    """The value before, — where there was none."""
    after: str | None
    """The value after, None where it is the same."""
    order: float | None = None
    """What to sort by."""


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One layer before and after."""

    name: Text
    """The layer's name in the model."""
    fate: str
    """`changed`, `same`, `folded into …`, `gone` or `new`."""
    type: Shift
    """The layer's type."""
    shape: Shift
    """The weight's shape."""
    dtype: Shift
    """The weight's dtype."""
    parameters: Shift
    """Trained parameters."""
    macs: Shift
    """Multiply-adds of one sample."""
    bytes: Shift
    """Bytes of all its tensors."""
    sparsity: Shift
    """Zeros among its parameters."""


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers of the baseline against those of an output."""

    before: Text
    """The stage before."""
    after: Text
    """The stage after."""
    rows: tuple[LayerRow, ...]
    """The layers, in the order of the model before."""
    total: LayerRow | None
    """All layers together."""
    note: str
    """How many rows, and what isn't shown."""


@dataclass(frozen=True, slots=True)
class Made:
    """An artifact of a stage."""

    port: Text
    """The output port."""
    size: str
    """Bytes on disk."""
    digest: str
    """The sha256 of its content, "" where there is none."""
    facts: tuple[Compared, ...]
    """What is known of it beside its layers, as planned and as made."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A node of the plan: a stage of the recipe, or a measurement."""

    id: Text
    """Its id."""
    anchor: str
    """The id of its element."""
    operator: Text
    """`operator@version`."""
    plugin: Text
    """The plugin that offers the operator."""
    badge: Badge
    """Its status."""
    reason: Text
    """Why it ran, was reused, or didn't run."""
    seconds: str
    """How long it took."""
    memory: str
    """Its peak memory, — where it wasn't measured."""
    key: str
    """The key in the store, "" where it has none."""
    inputs: tuple[Pair, ...]
    """Ports, and the nodes connected to them."""
    params: tuple[Pair, ...]
    """Its parameters, all defaults included."""
    made: tuple[Made, ...]
    """What it made."""
    effects: tuple[Text, ...]
    """What it does, from the plan."""
    changed: tuple[Text, ...]
    """What it changed, counted."""
    notes: tuple[Text, ...]
    """Remarks from the run."""
    error: Text | None
    """Why it failed."""


@dataclass(frozen=True, slots=True)
class Data:
    """One entry of the recipe's `data:`."""

    name: Text
    """Its name."""
    operator: Text
    """Where it comes from."""
    count: str
    """How many samples."""
    inputs: Text
    """Names, shapes and dtypes of one batch."""
    classes: str
    """How many classes, — without class labels."""
    params: tuple[Pair, ...]
    """Its parameters."""
    digest: str
    """The digest of the samples."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Where the run happened."""

    facts: tuple[Pair, ...]
    """Python, platform, CPU, cores, threads, seed, recipec's version."""
    packages: tuple[Pair, ...]
    """The packages whose versions entered a key."""
    capabilities: tuple[Pair, ...]
    """What the machine has and hasn't."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A diagnostic of the recipe or the run, or one that the recipe silences."""

    anchor: str
    """The id of its element."""
    badge: Badge
    """`error`, `warning`, `note` or `silenced`."""
    code: Text
    """Its code."""
    place: Text | None
    """`file:line:column`."""
    message: Text
    """What is wrong."""
    hint: Text | None
    """What to do about it."""
    origin: Text | None
    """Where the value came from."""
    reason: Text | None
    """Why the recipe silences it."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What was asked for, and how to ask again."""

    source: str
    """The recipe as written."""
    resolved: str
    """The recipe with every default, as YAML."""
    commands: tuple[str, ...]
    """Shell commands that make this run again."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section that a plugin adds."""

    title: Text
    """Its title."""
    plugin: Text
    """The plugin."""
    html: str
    """Its content, rendered; "" where that failed."""
    problem: Text | None
    """Why it couldn't be rendered."""


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
    panels: tuple[Panel, ...]
    """Small charts of them."""
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
