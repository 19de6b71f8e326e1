"""Toy operators: each a few lines, together enough to plan and run a recipe of every shape."""

import json
import random

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    DataRef,
    DataSamples,
    DataSource,
    Evaluator,
    ImportString,
    Layer,
    LayerTable,
    LocalFile,
    Metric,
    MetricFamily,
    Model,
    ModelSource,
    Operator,
    OperatorError,
    Params,
    Port,
    Requirement,
    Scores,
    StagePlan,
    StageResult,
    Tensor,
    TensorSpec,
    Unknown,
)
from toys.kinds import PackedFacts, ToyFacts


def facts(numbers, kind=ToyFacts):
    if numbers is UNKNOWN:
        return kind()
    weight = Tensor(name="weight", shape=(numbers,), dtype="float32")
    layer = Layer(name="numbers", type="Toy", tensors=(weight,), positions=2)
    return kind(layers=LayerTable(layers=(layer,)), precision="fp32", numbers=numbers)


class NumbersParams(Params):
    file: LocalFile | None = Field(default=None, description="A JSON list of numbers.")
    count: int = Field(default=10, gt=0, description="How many samples.")


class Numbers(DataSource):
    id = "toys.numbers"
    version = 1
    summary = "Numbers as data."
    params = NumbersParams
    loader = "toys.loading:load"

    def plan(self, inputs, context):
        count = self.with_.count
        if self.with_.file is not None:
            try:
                count = len(json.loads(context.file(self.with_.file).read_text()))
            except (OSError, ValueError, TypeError) as problem:
                raise OperatorError(f"not a list of numbers: {problem}", at=("file",)) from problem
        shape = TensorSpec(name="x", shape=("N", 1))
        return StagePlan({"samples": DataSamples(count=count, inputs=(shape,), classes=2)})

    def arguments(self, context):
        return {"count": self.with_.count}


class ModelParams(Params):
    numbers: int = Field(default=8, gt=0, description="How many numbers the model has.")
    code: ImportString | None = Field(default=None, description="A function of the number.")


class ToyModel(ModelSource):
    id = "toys.model"
    version = 1
    summary = "Make a model of numbers."
    params = ModelParams
    inputs = {"example": Port(DataSamples, "samples", optional=True)}
    outputs = {"model": Port(ToyFacts, "the model")}

    def plan(self, inputs, context):
        return StagePlan({"model": facts(self.with_.numbers)})

    def run(self, inputs, context):
        draw = random.Random(context.seed)
        numbers = [draw.random() for _ in range(self.with_.numbers)]
        context.path_for("model").write_text(json.dumps(numbers))
        return StageResult({"model": facts(len(numbers))})


class Changes(Operator):
    inputs = {"model": Port(ToyFacts, "the model")}
    outputs = {"model": Port(ToyFacts, "the changed model")}
    version = 1


class ScaleParams(Params):
    factor: float = Field(default=1.0, description="What the numbers are multiplied by.")
    data: DataRef | None = Field(default=None, description="Samples to look at.")


class Scale(Changes):
    id = "toys.scale"
    summary = "Multiply all numbers."
    params = ScaleParams

    def plan(self, inputs, context):
        return StagePlan({"model": inputs["model"]})

    def run(self, inputs, context):
        numbers = json.loads(inputs["model"].path.read_text())
        for index in range(len(numbers)):
            context.progress(index + 1, len(numbers), f"number {index + 1}")
        made = [number * self.with_.factor for number in numbers]
        context.path_for("model").write_text(json.dumps(made))
        return StageResult(
            {"model": facts(len(made))}, (Metric(name="sum", value=sum(made), unit="1"),)
        )


class DropParams(Params):
    amount: float = Field(gt=0, lt=1, description="Share of the numbers that leave.")


class Drop(Changes):
    id = "toys.drop"
    summary = "Drop the first numbers."
    params = DropParams

    def kept(self, numbers):
        if numbers is UNKNOWN:
            return UNKNOWN
        kept = round(numbers * (1 - self.with_.amount))
        if kept == numbers:
            raise OperatorError("nothing would leave", at=("amount",), hint="use a larger amount")
        return kept

    def plan(self, inputs, context):
        kept = self.kept(inputs["model"].numbers)
        if kept is UNKNOWN:
            return StagePlan({"model": facts(kept)})
        said = (f"{inputs['model'].numbers - kept} of {inputs['model'].numbers} numbers leave",)
        return StagePlan({"model": facts(kept)}, effects=said)

    def run(self, inputs, context):
        numbers = json.loads(inputs["model"].path.read_text())
        made = numbers[len(numbers) - self.kept(len(numbers)) :]
        context.path_for("model").write_text(json.dumps(made))
        return StageResult({"model": facts(len(made))})


class ClearParams(Params):
    below: float = Field(default=0.0, description="Numbers below this one become 0.")
    first: int | None = Field(default=None, ge=0, description="Or so many of the first ones.")


class Clear(Changes):
    id = "toys.clear"
    summary = "Set numbers to zero."
    params = ClearParams

    def plan(self, inputs, context):
        count = UNKNOWN if self.with_.first is None else self.with_.first
        return StagePlan({"model": inputs["model"]}, changed={"numbers cleared": count})

    def run(self, inputs, context):
        numbers = json.loads(inputs["model"].path.read_text())
        if self.with_.first is None:
            chosen = {i for i, number in enumerate(numbers) if number < self.with_.below}
        else:
            chosen = set(range(self.with_.first))
        made = [0.0 if i in chosen else number for i, number in enumerate(numbers)]
        context.path_for("model").write_text(json.dumps(made))
        return StageResult({"model": facts(len(made))}, changed={"numbers cleared": len(chosen)})


class Pack(Changes):
    id = "toys.pack"
    summary = "Pack a model into bytes."
    outputs = {"packed": Port(PackedFacts, "the packed model")}

    def plan(self, inputs, context):
        return StagePlan({"packed": facts(inputs["model"].numbers, PackedFacts)})

    def run(self, inputs, context):
        numbers = json.loads(inputs["model"].path.read_text())
        context.path_for("packed").write_bytes(bytes(int(abs(n) * 100) % 256 for n in numbers))
        return StageResult({"packed": facts(len(numbers), PackedFacts)})


class CrashParams(Params):
    how: str = Field(default="error", description="error, bug, or nothing.")


class Crash(Changes):
    id = "toys.crash"
    summary = "Fail."
    params = CrashParams

    def plan(self, inputs, context):
        return StagePlan({"model": inputs["model"]})

    def run(self, inputs, context):
        context.path_for("model").write_text("half")
        if self.with_.how == "error":
            raise OperatorError("it can't be done", at=("how",), hint="don't")
        if self.with_.how == "bug":
            raise ZeroDivisionError("division by zero")
        return StageResult()


class Lie(Changes):
    id = "toys.lie"
    summary = "Make something other than planned."

    def plan(self, inputs, context):
        return StagePlan({"model": inputs["model"]})

    def run(self, inputs, context):
        context.path_for("model").write_text("[1]")
        return StageResult({"model": facts(1)})


class Accelerate(Changes):
    id = "toys.accelerate"
    summary = "Needs what no machine has."
    requires = (Requirement("accelerator>=2", "buy one"),)

    def plan(self, inputs, context):
        return StagePlan({"model": inputs["model"]})

    def run(self, inputs, context):
        raise AssertionError("never runs")


class SizeParams(Params):
    metrics: tuple[str, ...] = Field(default=("numbers",), description="Families.")


class Size(Evaluator):
    id = "toys.size"
    version = 1
    summary = "Count the numbers."
    params = SizeParams
    inputs = {"subject": Port(Model, "a model")}
    families = (
        MetricFamily(
            name="numbers", names=("numbers.count",), summary="Count.", unit="1", better="lower"
        ),
    )
    subjects = Model

    @classmethod
    def metric_names(cls, params):
        return ("numbers.count",)

    def plan(self, inputs, context):
        return StagePlan()

    def run(self, inputs, context):
        count = inputs["subject"].facts.numbers
        return StageResult(
            {}, (Metric(name="numbers.count", value=count, unit="1", better="lower"),)
        )


class RightParams(Params):
    metrics: tuple[str, ...] = Field(default=("right",), description="Families.")
    data: DataRef = Field(description="Samples.")


class Right(Evaluator):
    """Sample i is right when i is at least twice the numbers that the model lacks of eight."""

    id = "toys.right"
    version = 1
    summary = "Share of samples that are right."
    params = RightParams
    inputs = {"subject": Port(Model, "a model")}
    outputs = {"scores": Port(Scores, "one number for each sample")}
    families = (
        MetricFamily(
            name="right",
            names=("right",),
            summary="Share that is right.",
            unit="share",
            better="higher",
        ),
    )
    subjects = ToyFacts

    @classmethod
    def metric_names(cls, params):
        return ("right",)

    def plan(self, inputs, context):
        count, table = inputs["data"].count, inputs["subject"].layers
        work = None if isinstance(table, Unknown) else count * table.macs
        return StagePlan({"scores": Scores(count=count)}, work=work)

    def run(self, inputs, context):
        count, lacking = inputs["data"].facts.count, 8 - inputs["subject"].facts.numbers
        right = [float(index >= lacking * 2) for index in range(count)]
        context.path_for("scores").write_text(json.dumps({"right": right}))
        share = sum(right) / count
        metric = Metric(name="right", value=share, unit="share", better="higher", count=count)
        return StageResult({"scores": Scores(count=count)}, (metric,))
