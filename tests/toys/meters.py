"""Toy evaluators: one metric of every unit, and one that doesn't measure what it promises."""

from pydantic import Field

from recipec.api import (
    Comparison,
    Evaluator,
    Interval,
    Metric,
    MetricFamily,
    Model,
    Params,
    Port,
    StagePlan,
    StageResult,
)

NAMES = ("time", "rate", "weight", "idle", "wrong")


class MeterParams(Params):
    metrics: tuple[str, ...] = Field(default=NAMES, description="Families.")
    batch: tuple[int, ...] = Field(default=(1,), description="Batch sizes.")


class Meter(Evaluator):
    """A model of n numbers takes n milliseconds, give or take a tenth, and weighs n kilobytes."""

    id = "toys.meter"
    version = 1
    summary = "Measure in every unit."
    params = MeterParams
    inputs = {"subject": Port(Model, "a model")}
    families = (
        MetricFamily(
            name="time", names=("time.p50@batch=…",), summary="Time.", unit="s", better="lower"
        ),
        MetricFamily(
            name="rate", names=("rate@batch=…",), summary="Rate.", unit="1/s", better="higher"
        ),
        MetricFamily(
            name="weight", names=("weight",), summary="Bytes.", unit="bytes", better="lower"
        ),
        MetricFamily(
            name="idle", names=("idle",), summary="Share.", unit="share", better="neither"
        ),
        MetricFamily(
            name="wrong", names=("wrong",), summary="Share.", unit="share", better="lower"
        ),
    )
    subjects = Model

    @classmethod
    def metric_names(cls, params):
        return tuple(
            name.replace("…", str(batch))
            for family in cls.families
            if family.name in params.metrics
            for name in family.names
            for batch in (params.batch if "…" in name else (1,))
        )

    def plan(self, inputs, context):
        return StagePlan()

    def run(self, inputs, context):
        count = inputs["subject"].facts.numbers
        values = {"time": count / 1e3, "rate": 1e3 / count, "weight": count * 1e3, "idle": 0.25}
        values["wrong"] = count / 100
        metrics = []
        for name in self.metric_names(self.with_):
            family = next(one for one in self.families if one.covers(name))
            value = values[family.name]
            around = Interval(low=value * 0.9, high=value * 1.1)
            metric = Metric(name=name, value=value, unit=family.unit, better=family.better)
            if family.unit in ("s", "1/s"):
                ratio = 8 / count
                compared = Comparison(
                    to="big", ratio=ratio, interval=Interval(low=ratio * 0.9, high=ratio * 1.1)
                )
                metric = metric.model_copy(update={"interval": around, "comparison": compared})
            metrics.append(metric)
        return StageResult({}, tuple(metrics))


class Fickle(Evaluator):
    """Promises bytes and measures seconds, and something else besides."""

    id = "toys.fickle"
    version = 1
    summary = "Break a promise."
    inputs = {"subject": Port(Model, "a model")}
    families = (
        MetricFamily(
            name="promised", names=("promised",), summary="Bytes.", unit="bytes", better="lower"
        ),
    )
    subjects = Model

    class params(Params):  # noqa: N801
        metrics: tuple[str, ...] = Field(default=("promised",), description="Families.")

    @classmethod
    def metric_names(cls, params):
        return ("promised",)

    def plan(self, inputs, context):
        return StagePlan()

    def run(self, inputs, context):
        other = Metric(name="other", value=1.0, unit="1")
        return StageResult({}, (Metric(name="promised", value=1.0, unit="s"), other))
