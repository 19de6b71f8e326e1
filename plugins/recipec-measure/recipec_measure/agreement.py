"""`measure.agreement`: how far a model gives what the baseline gives, without any labels."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, cast

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
    StageRef,
    StageResult,
    Unknown,
)
from recipec.api.data import inputs_mismatch
from recipec_measure.runtimes import not_runnable, requirements

Family = Literal["agreement", "cosine", "neighbours"]


class AgreementParams(Params):
    """See the fields."""

    metrics: tuple[Family, ...] = Field(
        ("agreement", "cosine"), min_length=1, description="Which families to measure."
    )
    data: DataRef = Field(description="The samples that both models get; labels aren't needed.")
    baseline: StageRef | None = Field(
        None, description="The stage whose model is compared with: the recipe's `baseline`."
    )
    samples: int | None = Field(
        None, ge=2, description="Use only the first of the samples; null for all of them."
    )
    batch: int = Field(64, ge=1, description="How many samples a model gets at once.")


class Agreement(Evaluator[AgreementParams]):
    """Runs a model and the baseline on the same samples and compares their first outputs.

    `agreement` is about classes (outputs `[N, classes]`): the share of samples with the same
    largest output, with Wilson's interval. `cosine` is about vectors: the cosine of a sample's two
    outputs, its mean with the interval of the normal distribution, and its 5th percentile with one
    between order statistics. `neighbours` is about what vectors are used for, search: the share of
    samples whose nearest other sample, by the cosine, is the one that the baseline finds.
    """

    id = "measure.agreement"
    version = 1
    summary = "Agreement with the baseline's outputs: classes, cosine, nearest neighbours"
    params = AgreementParams
    subjects = Model
    inputs: ClassVar[Mapping[str, Port]] = {"subject": Port(Model, "the model to measure")}
    outputs: ClassVar[Mapping[str, Port]] = {
        "scores": Port(Scores, "1 or 0 for each sample, of the shares")
    }
    families = (
        MetricFamily(
            name="agreement",
            names=("agreement",),
            summary="share of samples with the baseline's class",
            unit="share",
            better="higher",
            about="quality",
        ),
        MetricFamily(
            name="cosine",
            names=("cosine.mean", "cosine.p5"),
            summary="cosine of a sample's output with the baseline's: mean, 5th percentile",
            unit="share",
            better="higher",
            about="quality",
        ),
        MetricFamily(
            name="neighbours",
            names=("neighbours",),
            summary="share of samples with the baseline's nearest neighbour",
            unit="share",
            better="higher",
            about="quality",
        ),
    )

    @classmethod
    def metric_names(cls, params: Params) -> tuple[str, ...]:
        wanted = cast(AgreementParams, params).metrics
        return tuple(
            name for family in cls.families if family.name in wanted for name in family.names
        )

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        subject, data, baseline = inputs["subject"], inputs["data"], inputs.get("baseline")
        if baseline is None:
            raise OperatorError(
                "there is no baseline to agree with",
                at=("baseline",),
                hint="write `baseline: STAGE` in the recipe",
            )
        if not (
            isinstance(subject, Model)
            and isinstance(baseline, Model)
            and isinstance(data, DataSamples)
        ):
            raise OperatorError(f"agreement is of two models on samples, not of {subject.kind}")
        count = self._count(data)
        outputs = {"scores": Scores(count=count)}
        reason = (
            not_runnable(subject, context)
            or not_runnable(baseline, context)
            or _incomparable(subject, baseline, self.with_.metrics)
        )
        if reason is not None:
            return StagePlan(outputs=outputs, unmeasured={"subject": reason})
        for model in (subject, baseline):
            mismatch = inputs_mismatch(model.inputs, data.inputs)
            if mismatch is not None:
                raise OperatorError(mismatch, at=("data",))
        needed = (*(requirements(subject) or ()), *(requirements(baseline) or ()))
        return StagePlan(
            outputs=outputs,
            requires=tuple(dict.fromkeys(needed)),
            work=_work(subject, baseline, count),
        )

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_measure._agreement import agreement

        return agreement(self.with_, inputs["subject"], inputs["baseline"], inputs["data"], context)

    def _count(self, data: DataSamples) -> int | Unknown:
        wanted = self.with_.samples
        if isinstance(data.count, Unknown):
            return data.count
        if wanted is not None and wanted > data.count:
            raise OperatorError(f"there are only {data.count} samples", at=("samples",))
        if data.count < 2:
            raise OperatorError("two samples are needed at least", at=("data",))
        return wanted or data.count


def _incomparable(subject: Model, baseline: Model, metrics: tuple[Family, ...]) -> str | None:
    """Say why two models' first outputs can't be compared so, or None."""
    shapes = []
    for model in (subject, baseline):
        if isinstance(model.outputs, Unknown) or not model.outputs:
            return None  # the run will tell
        shapes.append(model.outputs[0].shape[1:])
    if any(
        isinstance(one, int) and isinstance(other, int) and one != other
        for one, other in zip(*shapes, strict=False)
    ) or len(shapes[0]) != len(shapes[1]):
        return (
            f"not measured: its output is {list(shapes[0])} for a sample, the baseline's "
            f"{list(shapes[1])}"
        )
    if "agreement" in metrics and len(shapes[0]) != 1:
        return f"not measured: agreement is of classes, and its output is {list(shapes[0])}"
    return None


def _work(subject: Model, baseline: Model, count: int | Unknown) -> int | None:
    if (
        isinstance(subject.layers, Unknown)
        or isinstance(baseline.layers, Unknown)
        or isinstance(count, Unknown)
    ):
        return None
    return count * (subject.layers.macs + baseline.layers.macs)
