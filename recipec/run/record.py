"""The run record: everything a run did, as versioned JSON. The report reads this and nothing else.

Reading is strict: a field this version doesn't know is an error. What counts as a breaking change
of the format: a field removed or renamed, a type narrowed, a meaning changed; then `FORMAT` rises.
A field that is added has a default, which says that older records don't know it: those stay
readable.
"""

from typing import Any, Final, Literal

from pydantic import Field

from recipec.api import UNKNOWN, Estimate, Frozen, Interval, Metric, Unknown

FORMAT: Final = "recipec.run/v1"

Status = Literal["ran", "reused", "failed", "blocked", "not run"]
Verdict = Literal["pass", "fail", "inconclusive"]


class StageRecord(Frozen):
    """One node of the plan and what became of it.

    `content` are the digests of files and code that parameters name, by the parameter's place.
    `planned` and `made` are facts by output port, as JSON with their `kind`; `sizes` are bytes on
    disk. `estimate` is what the plan expected it to take; UNKNOWN in records of before there were
    estimates. `changed` counts what the stage changed in its model. `metrics` are the stage's own
    and those measured on what it made. `inputs` maps ports to `node` ids (`{"model": "prune",
    "data": "data.train"}`).
    """

    id: str
    operator: str
    version: int
    plugin: str
    status: Status
    reason: str
    params: dict[str, Any] = Field(default_factory=dict)
    content: dict[str, str] = Field(default_factory=dict)
    inputs: dict[str, str] = Field(default_factory=dict)
    key: str | None = None
    planned: dict[str, dict[str, Any]] = Field(default_factory=dict)
    made: dict[str, dict[str, Any]] = Field(default_factory=dict)
    digests: dict[str, str] = Field(default_factory=dict)
    sizes: dict[str, int] = Field(default_factory=dict)
    seconds: float = 0.0
    peak_memory: int | None = None
    estimate: Estimate | Unknown = UNKNOWN
    metrics: tuple[Metric, ...] = ()
    effects: tuple[str, ...] = ()
    changed: dict[str, int] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()
    error: str | None = None

    def metric(self, name: str) -> Metric | None:
        return next((m for m in self.metrics if m.name == name), None)


class DataRecord(Frozen):
    """One entry of the recipe's `data:`; `content` as in a `StageRecord`."""

    name: str
    operator: str
    params: dict[str, Any]
    content: dict[str, str] = Field(default_factory=dict)
    facts: dict[str, Any]
    digest: str


class Unmeasured(Frozen):
    """Metrics that were asked for and couldn't be measured on a stage, and why."""

    stage: str
    metrics: tuple[str, ...]
    reason: str


class GateRecord(Frozen):
    """A gate's verdict. `required` is what the recipe asks in words ("drop ≤ 1pp")."""

    stage: str
    metric: str
    required: str
    against: str | None
    verdict: Verdict
    message: str
    value: float | None = None
    interval: Interval | None = None


class OutputRecord(Frozen):
    """A promised artifact; `path` is relative to the folder of this record."""

    stage: str
    kind: str
    path: str
    digest: str
    bytes: int


class Environment(Frozen):
    """Where the run happened. `packages` are those that entered a key, with their versions."""

    python: str
    platform: str
    cpu: str
    cores: int
    packages: dict[str, str]
    capabilities: dict[str, str | None]


class RunRecord(Frozen):
    """A whole run. `stages` are the model source and the recipe's stages, in plan order.

    `diagnostics` are as `Diagnostic.to_json` writes them, and so are `silenced`, each with the
    `reason` that the recipe gives for not being told. `plugins` are those that the recipe states,
    each with what was installed and what it asks for. `estimate` is what the plan expected all
    nodes together to take.
    """

    format: Literal["recipec.run/v1"] = FORMAT
    name: str
    status: Literal["done", "failed", "gate failed"]
    recipec: str
    started: str
    seconds: float
    seed: int
    threads: int
    baseline: str | None
    recipe: str
    resolved: dict[str, Any]
    environment: Environment
    data: tuple[DataRecord, ...]
    stages: tuple[StageRecord, ...]
    measurements: tuple[StageRecord, ...]
    unmeasured: tuple[Unmeasured, ...] = ()
    gates: tuple[GateRecord, ...] = ()
    outputs: tuple[OutputRecord, ...] = ()
    plugins: dict[str, str] = Field(default_factory=dict)
    estimate: Estimate | Unknown = UNKNOWN
    diagnostics: tuple[dict[str, Any], ...] = ()
    silenced: tuple[dict[str, Any], ...] = ()

    def stage(self, id: str) -> StageRecord:
        """Give a stage by its id. Raises KeyError."""
        for stage in self.stages:
            if stage.id == id:
                return stage
        raise KeyError(id)
