"""`measure.size`: what a model weighs, from its facts and its file."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal, cast

from pydantic import Field

from recipec.api import (
    Artifact,
    Evaluator,
    Facts,
    LayerTable,
    Metric,
    MetricFamily,
    Model,
    Params,
    PlanContext,
    Port,
    RunContext,
    StagePlan,
    StageResult,
    TensorRTEngine,
    Unknown,
)

Family = Literal["size", "parameters", "macs", "sparsity"]


class SizeParams(Params):
    """See the fields."""

    metrics: tuple[Family, ...] = Field(
        ("size", "parameters", "macs", "sparsity"),
        min_length=1,
        description="Which families to measure.",
    )


class Size(Evaluator[SizeParams]):
    """Counts what a model is made of.

    Everything but the bytes on disk comes from the layer table, so no framework is needed. A model
    without one (an engine is opaque) is measured on disk only.
    """

    id = "measure.size"
    version = 1
    summary = "Size on disk and in memory, parameters, multiply-adds and sparsity"
    params = SizeParams
    subjects = Model
    inputs: ClassVar[Mapping[str, Port]] = {"subject": Port(Model, "the model to measure")}
    families = (
        MetricFamily(
            name="size",
            names=("size.memory", "size.disk"),
            summary="bytes of all tensors (parameters, buffers, scales), and bytes on disk",
            unit="bytes",
            better="lower",
            about="cost",
        ),
        MetricFamily(
            name="parameters",
            names=("parameters",),
            summary="trained parameters",
            unit="1",
            better="lower",
            about="cost",
        ),
        MetricFamily(
            name="macs",
            names=("macs",),
            summary="multiply-adds of one sample",
            unit="1",
            better="lower",
            about="cost",
        ),
        MetricFamily(
            name="sparsity",
            names=("sparsity",),
            summary="share of the parameters that is zero",
            unit="share",
            better="neither",
            about="cost",
        ),
    )

    @classmethod
    def metric_names(cls, params: Params) -> tuple[str, ...]:
        asked = cast(SizeParams, params).metrics
        return tuple(
            name for family in cls.families if family.name in asked for name in family.names
        )

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        names = self.metric_names(self.with_)
        left_out = [name for name in names if name != "size.disk"]
        if not isinstance(inputs["subject"], TensorRTEngine) or not left_out:
            return StagePlan()
        if left_out == list(names):
            return StagePlan(unmeasured={"subject": f"not measured: {_OPAQUE}"})
        return StagePlan(effects=(f"not measured: {', '.join(left_out)} ({_OPAQUE})",))

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        subject = inputs["subject"]
        names = self.metric_names(self.with_)
        metrics = {metric.name: metric for metric in _metrics(subject)}
        left_out = [name for name in names if name not in metrics]
        because = "no layer table" if isinstance(subject.facts.layers, Unknown) else "not counted"
        return StageResult(
            metrics=tuple(metrics[name] for name in names if name in metrics),
            notes=(f"not measured: {', '.join(left_out)} ({because})",) if left_out else (),
        )


_OPAQUE = "an engine has no layer table"


def _metrics(subject: Artifact[Model]) -> Iterator[Metric]:
    yield Metric(name="size.disk", value=subject.size, unit="bytes", better="lower")
    layers = subject.facts.layers
    if not isinstance(layers, Unknown):
        yield Metric(name="size.memory", value=layers.bytes, unit="bytes", better="lower")
        yield Metric(name="parameters", value=layers.parameters, unit="1", better="lower")
        yield Metric(name="macs", value=layers.macs, unit="1", better="lower")
        yield from _sparsity(layers)


def _sparsity(layers: LayerTable) -> Iterator[Metric]:
    zeros, parameters = layers.zeros, layers.parameters
    if not isinstance(zeros, Unknown) and parameters:
        yield Metric(name="sparsity", value=zeros / parameters, unit="share", count=parameters)
