"""`measure.latency`: how long models take, side by side."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import Field, field_validator

from recipec.api import (
    Artifact,
    DataRef,
    DataSamples,
    Evaluator,
    Facts,
    MetricFamily,
    Model,
    OperatorError,
    Params,
    PlanContext,
    Port,
    RunContext,
    StagePlan,
    StageResult,
    TorchExported,
    Unknown,
)
from recipec.api.data import inputs_mismatch
from recipec_measure.batches import fixed_batch
from recipec_measure.runtimes import not_runnable, requirements
from recipec_measure.timings import Timings

BatchSize = Annotated[int, Field(ge=1)]


class LatencyParams(Params):
    """See the fields."""

    metrics: tuple[Literal["latency", "throughput"], ...] = Field(
        ("latency", "throughput"), min_length=1, description="Which families to measure."
    )
    batch: tuple[BatchSize, ...] = Field(
        (1,),
        min_length=1,
        json_schema_extra={"uniqueItems": True},
        description="Batch sizes to time, in samples; each is timed by itself.",
    )
    warmup: int = Field(
        10, ge=0, description="Untimed runs of every model before the first round, at each batch."
    )
    runs: int = Field(
        100, ge=1, description="Rounds; in each one every model is timed once, in a new order."
    )
    rewarm: int = Field(
        1,
        ge=0,
        description="Untimed runs before each timed one, which bring the model back into the "
        "caches after the others; 0 times every model as the others left it.",
    )
    data: DataRef | None = Field(
        None, description="Samples to time with; left out, seeded random ones."
    )
    baseline: str | None = Field(
        None, description="The stage that all others are compared with; left out, none."
    )

    @field_validator("batch")
    @classmethod
    def _each_once(cls, batch: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(batch)) < len(batch):
            raise ValueError("a batch size is there twice")
        return batch


class Latency(Evaluator[LatencyParams]):
    """Times all models in one process, in rounds.

    Each round runs every model once, in an order shuffled anew (in a fixed order the same model
    differs from itself). What is timed is the call of the model with inputs that are there already,
    until its outputs are: without gradients, without Python's garbage collector, synchronised on a
    GPU. Throughput is batch / mean latency. A comparison's ratio is how many times faster than the
    baseline a model is, with the interval of a bootstrap over the rounds.
    """

    id = "measure.latency"
    version = 1
    summary = "Latency and throughput of all models, interleaved, against the baseline"
    params = LatencyParams
    subjects = Model
    joint = True
    machine_bound = True
    outputs: ClassVar[Mapping[str, Port]] = {"timings": Port(Timings, "every timed run")}
    families = (
        MetricFamily(
            name="latency",
            names=("latency.p50@batch=…", "latency.p95@batch=…", "latency.mean@batch=…"),
            summary="seconds for one batch: median, 95th percentile and mean",
            unit="s",
            better="lower",
            about="cost",
        ),
        MetricFamily(
            name="throughput",
            names=("throughput@batch=…",),
            summary="samples per second",
            unit="1/s",
            better="higher",
            about="cost",
        ),
    )

    @classmethod
    def metric_names(cls, params: Params) -> tuple[str, ...]:
        wanted = cast(LatencyParams, params)
        return tuple(
            name.replace("…", str(batch))
            for batch in wanted.batch
            for family in cls.families
            if family.name in wanted.metrics
            for name in family.names
        )

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        models = {stage: facts for stage, facts in inputs.items() if isinstance(facts, Model)}
        reasons = {
            stage: reason
            for stage, model in models.items()
            if (reason := not_timed(model, self.with_) or not_runnable(model, context))
        }
        timed = {stage: model for stage, model in models.items() if stage not in reasons}
        data = inputs.get("data")
        for stage, model in timed.items():
            _check(stage, model, data)
        return StagePlan(
            outputs={"timings": Timings(rounds=self.with_.runs, batches=self.with_.batch)},
            effects=tuple(_effects(self.with_, timed)),
            requires=tuple(
                dict.fromkeys(r for model in timed.values() for r in requirements(model) or ())
            ),
            unmeasured=reasons,
            work=_work(self.with_, timed.values()),
        )

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_measure._latency import latency

        return latency(self.with_, inputs, context)


def not_timed(model: Model, params: LatencyParams) -> str | None:
    """Say why a model's latency would mean nothing, on any machine, or None."""
    if isinstance(model, TorchExported) and not isinstance(model.quantization, Unknown | None):
        return "not measured: simulated quantization has no latency"
    fixed = fixed_batch(model)
    if fixed is not None and fixed not in params.batch:
        asked = ", ".join(map(str, params.batch))
        return f"not measured: its batch is fixed to {fixed}, and {asked} was asked for"
    return None


def skipped_batches(model: Model, params: LatencyParams) -> tuple[int, ...]:
    """Give the batch sizes that a model with a fixed batch can't be timed at."""
    fixed = fixed_batch(model)
    return () if fixed is None else tuple(batch for batch in params.batch if batch != fixed)


def skipped_in_words(stage: str, model: Model, params: LatencyParams) -> str | None:
    """Say which batch sizes a model is not timed at, or None."""
    skipped = skipped_batches(model, params)
    sizes = ", ".join(map(str, skipped))
    return f"{stage}: not measured at batch {sizes}, its batch is fixed" if skipped else None


def _work(params: LatencyParams, timed: Iterable[Model]) -> int | None:
    """Count the multiply-adds of all runs: a first one to be sure, warm-up, and the rounds."""
    runs, work = 1 + params.warmup + params.runs * (1 + params.rewarm), 0
    for model in timed:
        if isinstance(model.layers, Unknown):
            return None
        skipped = skipped_batches(model, params)
        samples = sum(batch for batch in params.batch if batch not in skipped)
        work += runs * samples * model.layers.macs
    return work


def _effects(params: LatencyParams, timed: Mapping[str, Model]) -> Iterator[str]:
    sizes = ", ".join(map(str, params.batch))
    models = "1 model" if len(timed) == 1 else f"{len(timed)} models"
    yield f"{params.runs} rounds of {models} at batch {sizes}"
    for stage, model in timed.items():
        if words := skipped_in_words(stage, model, params):
            yield words
    if params.baseline is not None and params.baseline not in timed:
        yield f"no comparison: {params.baseline} is not measured"


def _check(stage: str, model: Model, data: Facts | None) -> None:
    """Raise OperatorError when there can be no inputs for a model."""
    if isinstance(model.inputs, Unknown):
        return
    if isinstance(data, DataSamples):
        if isinstance(data.inputs, Unknown):
            return
        mismatch = inputs_mismatch(model.inputs, data.inputs)
        if mismatch is not None:
            raise OperatorError(f"{stage}: {mismatch}", at=("data",))
        return
    for spec in model.inputs:
        free = [size for size in spec.shape[1:] if isinstance(size, str)]
        if free:
            raise OperatorError(
                f"{stage}: input {spec.name!r} has the free dimension {free[0]!r}",
                hint="give `measure.data`: samples have a size in every dimension",
            )
