"""Numbers that stages report, and what is known about each kind of number."""

from __future__ import annotations

from typing import Literal

from pydantic import FiniteFloat

from recipec.api.frozen import Frozen

Better = Literal["lower", "higher", "neither"]


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
    unit: Literal["bytes", "s", "1/s", "1", "share"]
    better: Better = "neither"
    interval: Interval | None = None
    count: int | None = None
    comparison: Comparison | None = None
    subject: str | None = None


class MetricFamily(Frozen):
    """What a recipe may ask for under `measure.metrics`, and the exact names it yields.

    `names` are exact metric names; one that depends on parameters ends in `@…`
    (`latency.p50@batch=…`).
    """

    name: str
    names: tuple[str, ...]
    summary: str
