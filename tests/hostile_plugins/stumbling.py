"""It raises in places where nobody expects a plugin to be called."""

from pydantic import Field, field_validator

from hostile_plugins.change import Change
from recipec.api import (
    Evaluator,
    Metric,
    MetricFamily,
    Model,
    Params,
    Port,
    StagePlan,
    StageResult,
    hookimpl,
)
from toys.kinds import ToyFacts


class Odd(ToyFacts):
    kind = "stumbling.odd"

    def contradictions(self, made):
        raise LookupError("nothing to compare with")


class Picky(Params):
    how: str = Field(default="", description="Which mischief.")

    @field_validator("how")
    @classmethod
    def _check(cls, value):
        return {"fine": value}[value]


class Stumble(Change):
    id = "stumbling.params"
    params = Picky


class Compare(Change):
    id = "stumbling.facts"
    outputs = {"model": Port(ToyFacts, "the model")}

    def plan(self, inputs, context):
        return StagePlan({"model": Odd(numbers=inputs["model"].numbers)})

    def mischief(self, inputs, context):
        pass


class Asked(Params):
    metrics: tuple[str, ...] = Field(default=("stumbles",), description="Families.")


class Meter(Evaluator):
    id = "stumbling.meter"
    version = 1
    summary = "Measure nothing."
    params = Asked
    inputs = {"subject": Port(Model, "a model")}
    families = (
        MetricFamily(name="stumbles", names=("stumbles",), summary="1.", unit="1", better="lower"),
    )
    subjects = Model

    @classmethod
    def metric_names(cls, params):
        raise ArithmeticError("no names")

    def plan(self, inputs, context):
        return StagePlan()

    def run(self, inputs, context):
        return StageResult({}, (Metric(name="stumbles", value=1, unit="1", better="lower"),))


@hookimpl
def recipec_operators():
    return [Stumble, Compare, Meter]


@hookimpl
def recipec_artifact_kinds():
    return [Odd]
