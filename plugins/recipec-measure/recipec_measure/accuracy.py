"""`measure.accuracy`: how often a classifier is right."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

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
    Scores,
    StagePlan,
    StageResult,
    Unknown,
)
from recipec.api.data import inputs_mismatch
from recipec_measure.batches import fixed_batch
from recipec_measure.runtimes import not_runnable, requirements


class AccuracyParams(Params):
    """See the fields."""

    metrics: tuple[Literal["accuracy"], ...] = Field(
        ("accuracy",), min_length=1, description="Which families to measure."
    )
    data: DataRef = Field(description="The labelled samples; all of them are used.")
    batch: int = Field(
        256,
        ge=1,
        description="How many samples the model gets at once; a model whose batch is fixed gets "
        "that many, the last batch being filled up with samples that don't count.",
    )


class Accuracy(Evaluator[AccuracyParams]):
    """Top-1: the share of samples whose largest output is that of their label.

    The model's first output must be `[N, classes]`. Its interval is Wilson's; two models are
    compared by the scores of the single samples, which are an output, because both see the same.
    """

    id = "measure.accuracy"
    version = 1
    summary = "Top-1 accuracy on labelled data, with its sample count and interval"
    params = AccuracyParams
    subjects = Model
    inputs: ClassVar[Mapping[str, Port]] = {"subject": Port(Model, "the model to measure")}
    outputs: ClassVar[Mapping[str, Port]] = {"scores": Port(Scores, "1 or 0 for each sample")}
    families = (
        MetricFamily(
            name="accuracy",
            names=("accuracy",),
            summary="share of samples that are right",
            unit="share",
            better="higher",
            about="quality",
        ),
    )

    @classmethod
    def metric_names(cls, params: Params) -> tuple[str, ...]:
        return ("accuracy",)

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        subject, data = inputs["subject"], inputs["data"]
        if not isinstance(subject, Model) or not isinstance(data, DataSamples):
            raise OperatorError(f"accuracy is of a model on samples, not of {subject.kind}")
        outputs = {"scores": Scores(count=data.count)}
        reason = not_runnable(subject, context)
        if data.classes is None:
            reason = f"not measured: {self.with_.data} has no labels; `agreement` needs none"
        if reason is not None:
            return StagePlan(outputs=outputs, unmeasured={"subject": reason})
        _check(subject, data)
        return StagePlan(
            outputs=outputs, requires=requirements(subject) or (), work=_work(subject, data)
        )

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_measure._accuracy import accuracy

        return accuracy(self.with_, inputs["subject"], inputs["data"], context)


def _work(subject: Model, data: DataSamples) -> int | None:
    """Count the multiply-adds of all samples; a fixed batch is filled up."""
    if isinstance(subject.layers, Unknown) or isinstance(data.count, Unknown):
        return None
    batch = fixed_batch(subject) or 1
    return -(-data.count // batch) * batch * subject.layers.macs


def _check(subject: Model, data: DataSamples) -> None:
    """Raise OperatorError when the model can't classify these samples."""
    if not isinstance(subject.inputs, Unknown) and not isinstance(data.inputs, Unknown):
        mismatch = inputs_mismatch(subject.inputs, data.inputs)
        if mismatch is not None:
            raise OperatorError(mismatch, at=("data",))
    if isinstance(subject.outputs, Unknown) or not isinstance(data.classes, int):
        return
    shape = subject.outputs[0].shape if subject.outputs else ()
    if len(shape) != 2:
        raise OperatorError(
            f"accuracy needs a classifier with outputs [N, classes], not {list(shape)}"
        )
    if isinstance(shape[1], int) and shape[1] < data.classes:
        raise OperatorError(
            f"the model tells {shape[1]} classes apart, the data has {data.classes}", at=("data",)
        )
