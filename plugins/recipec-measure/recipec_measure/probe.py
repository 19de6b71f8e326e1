"""`measure.probe`: what a simple classifier can tell from a model's embeddings."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Literal

from pydantic import Field

from recipec.api import (
    Artifact,
    DataRef,
    DataSamples,
    Evaluator,
    Facts,
    Learning,
    MetricFamily,
    Model,
    OperatorError,
    Params,
    PlanContext,
    Port,
    Requirement,
    RunContext,
    Scores,
    StagePlan,
    StageResult,
    Unknown,
)
from recipec.api.data import inputs_mismatch
from recipec_measure.runtimes import not_runnable, requirements

SKLEARN: Final = Requirement("python:scikit-learn>=1.4", 'pip install "recipec[measure]"')


class ProbeParams(Params):
    """See the fields."""

    metrics: tuple[Literal["probe"], ...] = Field(
        ("probe",), min_length=1, description="Which families to measure."
    )
    train: DataRef = Field(description="Labelled samples that the classifier is fitted to.")
    data: DataRef = Field(description="Labelled samples that it is tested on; all are used.")
    c: float = Field(
        1.0,
        gt=0,
        description="Inverse strength of the classifier's L2 regularization, as scikit-learn has "
        "it. It is fitted to vectors of length 1.",
    )
    batch: int = Field(64, ge=1, description="How many samples the model gets at once.")


class Probe(Evaluator[ProbeParams]):
    """Fits a logistic regression to a model's outputs, and counts how often it is right.

    The usual way to judge an encoder by a task (Conneau and Kiela, "SentEval", LREC 2018): the
    model itself isn't trained. Each model gets a classifier of its own, fitted to its own vectors.
    """

    id = "measure.probe"
    version = 1
    summary = "Accuracy of a logistic regression on a model's embeddings"
    params = ProbeParams
    subjects = Model
    inputs: ClassVar[Mapping[str, Port]] = {"subject": Port(Model, "the model to measure")}
    outputs: ClassVar[Mapping[str, Port]] = {"scores": Port(Scores, "1 or 0 for each sample")}
    requires = (SKLEARN,)
    families = (
        MetricFamily(
            name="probe",
            names=("probe",),
            summary="share of samples that a classifier on the embeddings gets right",
            unit="share",
            better="higher",
            about="quality",
        ),
    )

    @classmethod
    def metric_names(cls, params: Params) -> tuple[str, ...]:
        return ("probe",)

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        subject, train, test = inputs["subject"], inputs["train"], inputs["data"]
        if not (
            isinstance(subject, Model)
            and isinstance(train, DataSamples)
            and isinstance(test, DataSamples)
        ):
            raise OperatorError(f"a probe is of a model on samples, not of {subject.kind}")
        if self.with_.train == self.with_.data:
            raise OperatorError(
                "the probe would be tested on what it learnt", at=("train",), hint="name other data"
            )
        outputs = {"scores": Scores(count=test.count)}
        for name, data in (("train", train), ("data", test)):
            if data.classes is None:
                raise OperatorError(
                    "a probe needs labels, and these have none",
                    at=(name,),
                    hint="name data with labels, or measure `cosine`, which needs none",
                )
            mismatch = inputs_mismatch(subject.inputs, data.inputs)
            if mismatch is not None:
                raise OperatorError(mismatch, at=(name,))
        if isinstance(train.classes, int) and isinstance(test.classes, int):
            if train.classes < 2:
                raise OperatorError("a probe tells classes apart, and there is one", at=("train",))
            if train.classes != test.classes:
                raise OperatorError(
                    f"{train.classes} classes to learn, {test.classes} to test", at=("data",)
                )
        reason = not_runnable(subject, context)
        if reason is not None:
            return StagePlan(outputs=outputs, unmeasured={"subject": reason})
        return StagePlan(
            outputs=outputs,
            requires=requirements(subject) or (),
            learns_from={"train": Learning(how="trains")},
            work=_work(subject, train, test),
        )

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_measure._probe import probe

        return probe(self.with_, inputs["subject"], inputs["train"], inputs["data"], context)


def _work(subject: Model, *samples: DataSamples) -> int | None:
    if isinstance(subject.layers, Unknown):
        return None
    total = 0
    for data in samples:
        if isinstance(data.count, Unknown):
            return None
        total += data.count * subject.layers.macs
    return total
