"""What hooks and lints may see of a plan and of a run: read-only, and stable for plugin authors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias

from recipec.api.artifacts import DataSamples, Facts, Model
from recipec.api.metrics import Metric, MetricUnit
from recipec.api.operator import Learning, Trait

RecipePath: TypeAlias = tuple[str | int, ...]
"""A place in the recipe: `("stages", 2, "with", "amount")`."""


class InputView(NamedTuple):
    """Where an input comes from: the output `port` of the stage or data `node`."""

    node: str
    port: str


class StageView(NamedTuple):
    """A planned node: the model source (`model`), a stage, data (`data.NAME`), or a measurement.

    `at` is its place in the recipe. `params` are complete, with every default, and can't be
    changed; `given` names those the recipe states. `inputs` says what arrives on each port, those
    of parameters that name data or stages included (`calibration.data`). `outputs` are the planned
    facts by port. `requires` are its requirements, and `blocked` names what this machine lacks of
    them; `reason` says why it runs, is reused or blocked.
    """

    id: str
    role: Literal["model", "data", "stage", "measure"]
    operator: str
    version: int
    plugin: str
    at: RecipePath
    params: Mapping[str, Any]
    given: tuple[str, ...] = ()
    inputs: Mapping[str, InputView] = MappingProxyType({})
    outputs: Mapping[str, Facts] = MappingProxyType({})
    digests: Mapping[str, str] = MappingProxyType({})
    traits: frozenset[Trait] = frozenset()
    matched: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    learns_from: Mapping[str, Learning] = MappingProxyType({})
    requires: tuple[str, ...] = ()
    blocked: str | None = None
    action: str = "unknown"
    reason: str = ""

    @property
    def model(self) -> Model | None:
        """The facts of the model that it makes."""
        return next((f for f in self.outputs.values() if isinstance(f, Model)), None)

    @property
    def samples(self) -> DataSamples | None:
        """The facts of the data that it is."""
        return next((f for f in self.outputs.values() if isinstance(f, DataSamples)), None)

    def parameter(self, *path: str | int) -> RecipePath:
        """Give the place of one of its parameters, also where the recipe leaves it out."""
        return (*self.at, "with", *path)


class Measured(NamedTuple):
    """Metrics that the recipe wants of one stage, from one evaluator.

    `metrics` are exact names, each with what it is about (None where the evaluator doesn't say).
    `data` is the node of the samples they are measured on. `unmeasured` says why they can't be
    had, for a reason of the model's ("simulated quantization has no latency") or of this machine
    ("blocked: needs cuda"). `at` is where the metrics are asked for, `data_at` where the data is
    named.
    """

    evaluator: str
    at: RecipePath
    metrics: Mapping[str, Literal["quality", "cost"] | None]
    data: str | None = None
    data_at: RecipePath = ()
    unmeasured: str | None = None


class GateView(NamedTuple):
    """A gate. `against` is the stage that it compares with, None for one that doesn't compare;
    `condition` and `wanted` are as the recipe writes them (`max_drop`, `1pp`). `bound` is what it
    asks for in the metric's `unit`: a ratio for `min_ratio`, and for a `max_drop` that is
    `relative` a share of the other stage's value."""

    at: RecipePath
    stage: str
    metric: str
    unit: MetricUnit
    condition: str
    wanted: str
    bound: float
    relative: bool = False
    against: str | None = None


@dataclass(frozen=True, slots=True)
class PlanView:
    """A finished plan.

    `stages` are the model source and the recipe's stages, each behind all that it needs; `data` are
    the entries of `data:`. `measured` says by stage what is measured on it. `outputs` are the
    stages whose artifacts are promised. `until` is the last stage wanted (`--until`): then what the
    recipe says further on is not in this plan. `cores` is how many processors this machine lets us
    use, and `version_of` gives the version of a capability that it has, "" where there is none to
    tell, None without it.
    """

    name: str
    seed: int
    threads: int
    stages: tuple[StageView, ...]
    data: tuple[StageView, ...] = ()
    measured: Mapping[str, tuple[Measured, ...]] = field(default_factory=dict)
    gates: tuple[GateView, ...] = ()
    outputs: tuple[str, ...] = ()
    baseline: str | None = None
    until: str | None = None
    cores: int = 1
    version_of: Callable[[str], str | None] = field(default=lambda capability: None, repr=False)
    _by_id: dict[str, StageView] = field(default_factory=dict, repr=False, compare=False)
    _parents: dict[str, StageView] = field(default_factory=dict, repr=False, compare=False)
    _children: dict[str, list[StageView]] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._by_id.update({node.id: node for node in (*self.data, *self.stages)})
        for stage in self.stages:
            for source in stage.inputs.values():
                found = self._by_id.get(source.node)
                if found is not None and isinstance(found.outputs.get(source.port), Model):
                    self._parents[stage.id] = found
                    self._children.setdefault(found.id, []).append(stage)
                    break

    def node(self, id: str) -> StageView:
        """Give a stage or data by its id. Raises KeyError."""
        return self._by_id[id]

    def parent(self, stage: StageView) -> StageView | None:
        """Give the stage whose model a stage takes: the first model among its inputs."""
        return self._parents.get(stage.id)

    def children(self, id: str) -> tuple[StageView, ...]:
        """Give the stages that take a stage's model, in the plan's order."""
        return tuple(self._children.get(id, ()))

    def reaching_outputs(self, stop: Callable[[StageView], bool]) -> frozenset[str]:
        """Give the stages whose model gets into a promised artifact without passing, on the way, a
        later stage that `stop` is true of."""
        reaching = set(self.outputs)
        for stage in reversed(self.stages):
            if any(child.id in reaching and not stop(child) for child in self.children(stage.id)):
                reaching.add(stage.id)
        return frozenset(reaching)


class StageOutcome(NamedTuple):
    """How a stage ended."""

    status: Literal["ran", "reused", "failed"]
    seconds: float
    metrics: tuple[Metric, ...] = ()


class Finding(NamedTuple):
    """What a check or a lint has to say.

    `stage` is the id of the stage that it is about (`recipec_check_plan` and silences of the recipe
    go by it), None for the whole plan. `at` is the place in the recipe; left out, the stage's.
    `hint` says what to write instead.
    """

    message: str
    stage: str | None = None
    hint: str | None = None
    at: RecipePath | None = None


class ReportSection(NamedTuple):
    """A section of the report: a Jinja template as text, and the values it uses."""

    title: str
    template: str
    values: Mapping[str, Any] = MappingProxyType({})
