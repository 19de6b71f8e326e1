"""Numbers that stages report, and what is known about each kind of number."""

from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import FiniteFloat

from recipec.api.frozen import Frozen

Better = Literal["lower", "higher", "neither"]
MetricUnit = Literal["bytes", "s", "1/s", "1", "share"]
"""Bytes, seconds, how many in a second, a count, or a share (0 to 1)."""


class Interval(Frozen):
    """A confidence interval, both ends included."""

    low: FiniteFloat
    high: FiniteFloat
    level: float = 0.95


class Comparison(Frozen):
    """How many times better than another stage's the value is, both measured side by side.

    Better is smaller where `better` says `lower`: a ratio of 2 is half the latency, or twice the
    throughput.
    """

    to: str
    ratio: float
    interval: Interval


class Metric(Frozen):
    """One measured number.

    `name` is exact (`size.disk`, `latency.p50@batch=1`). `unit` is `bytes`, `s`, `1/s`, `1` (a
    count) or `share` (0 to 1). `count` is how many samples or repetitions stand behind it.
    `subject` is the stage it is about, where that isn't the stage (or the one measured) itself.
    """

    name: str
    value: FiniteFloat
    unit: MetricUnit
    better: Better = "neither"
    interval: Interval | None = None
    count: int | None = None
    comparison: Comparison | None = None
    subject: str | None = None


class MetricFamily(Frozen):
    """What a recipe may ask for under `measure.metrics`, and the exact names it yields.

    `names` are exact metric names; one that depends on parameters ends in `@…`
    (`latency.p50@batch=…`). All of them have the `unit`, and are better where `better` says: it is
    known before anything is measured what a gate may ask of them. `about` says whether they judge
    how right the model's answers are (`quality`) or what it takes to have them (`cost`: time,
    bytes, multiply-adds); lints ask.
    """

    name: str
    names: tuple[str, ...]
    summary: str
    unit: MetricUnit
    better: Better
    about: Literal["quality", "cost"] | None = None

    def covers(self, metric: str) -> bool:
        """Say whether an exact metric name is one of the family's."""
        return any(
            metric.startswith(name.removesuffix("…")) if name.endswith("…") else metric == name
            for name in self.names
        )


def contradictions(families: Iterable[MetricFamily], metrics: Iterable[Metric]) -> Iterator[str]:
    """Say where measured metrics aren't what their evaluator's families promise.

    Gates are read by the promised units before anything is measured.
    """
    known = tuple(families)
    for metric in metrics:
        family = next((one for one in known if one.covers(metric.name)), None)
        if family is None:
            yield f"{metric.name} is in none of its metric families"
        elif (metric.unit, metric.better) != (family.unit, family.better):
            yield (
                f"{metric.name} has the unit {metric.unit!r}, better {metric.better}, and its "
                f"family says {family.unit!r}, better {family.better}"
            )
