"""Gates: a condition on a metric, judged by its interval. Pass, fail, or inconclusive."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from recipec.api import Artifact, Facts, Interval, Metric
from recipec.api.metrics import MetricUnit
from recipec.api.statistics import tango_interval
from recipec.plan.planned_gates import PlannedGate
from recipec.run.record import GateRecord, Verdict

LEVEL = 0.95

Scores = Mapping[str, Sequence[Artifact[Facts]]]


class Judgement(NamedTuple):
    """A verdict in words, with the number that decided and its interval."""

    verdict: Verdict
    message: str
    value: float | None = None
    interval: Interval | None = None


class Pair(NamedTuple):
    """A metric's value on the judged stage and on the one that it is compared with."""

    mine: Metric
    other: Metric
    against: str


def judge(
    gate: PlannedGate, metrics: Mapping[str, Mapping[str, Metric]], scores: Scores
) -> GateRecord:
    """Judge one gate. `metrics` are by stage and name, `scores` the per-sample results by stage."""
    judgement = _judge(gate, metrics, scores)
    return GateRecord(
        stage=gate.stage,
        metric=gate.metric,
        required=gate.required,
        against=gate.against,
        verdict=judgement.verdict,
        message=judgement.message,
        value=judgement.value,
        interval=judgement.interval,
    )


def _judge(
    gate: PlannedGate, metrics: Mapping[str, Mapping[str, Metric]], scores: Scores
) -> Judgement:
    found = {
        stage: metrics.get(stage, {}).get(gate.metric)
        for stage in (gate.stage, gate.against)
        if stage is not None
    }
    for stage, metric in found.items():
        if metric is None:
            return Judgement("inconclusive", f"{gate.metric} was not measured on {stage}")
    mine = found[gate.stage]
    other = found.get(gate.against) if gate.against is not None else None
    assert mine is not None
    if gate.against is None or other is None:
        return _bound(gate, mine)
    pair = Pair(mine, other, gate.against)
    if gate.unit == "share":
        return _shares(gate, pair, scores)
    return _ratios(gate, pair)


def _bound(gate: PlannedGate, metric: Metric) -> Judgement:
    interval = metric.interval or Interval(low=metric.value, high=metric.value)
    if metric.interval is None and metric.unit in ("s", "1/s"):
        verdict: Verdict = "inconclusive"  # a timing without an interval decides nothing
    elif gate.condition == "min":
        verdict = _by_interval(interval.low >= gate.bound, interval.high < gate.bound)
    else:
        verdict = _by_interval(interval.high <= gate.bound, interval.low > gate.bound)
    message = f"{gate.metric} is {quantity(metric.value, metric.unit)}"
    if metric.interval is not None:
        low, high = (quantity(end, metric.unit) for end in (interval.low, interval.high))
        message += f" ({low} to {high})"
    if verdict == "fail":
        distance = abs(metric.value - gate.bound)
        far = f"{distance * 100:.2f}pp" if gate.unit == "share" else quantity(distance, gate.unit)
        message += f", {far} {'below' if gate.condition == 'min' else 'above'} {gate.wanted}"
    return Judgement(verdict, message, metric.value, metric.interval)


def _shares(gate: PlannedGate, pair: Pair, scores: Scores) -> Judgement:
    """Judge a difference on the same samples (Tango's score interval for paired proportions).

    A drop relative to the other share, and a ratio of the two, are a difference once the other one
    is taken as it was measured on these very samples.
    """
    drop, limit = pair.other.value - pair.mine.value, _largest_drop(gate, pair.other.value)
    mine, theirs = (_scores(scores.get(s, ()), gate.metric) for s in (gate.stage, pair.against))
    interval: Interval | None = None
    verdict: Verdict = "inconclusive"
    if mine and theirs and len(mine) == len(theirs):
        lost = sum(a < b for a, b in zip(mine, theirs, strict=True))
        won = sum(a > b for a, b in zip(mine, theirs, strict=True))
        interval = tango_interval(lost, won, len(mine), LEVEL)
        if gate.better == "higher":
            verdict = _by_interval(interval.high <= limit, interval.low > limit)
        else:  # it must drop, and by so much
            verdict = _by_interval(interval.low >= limit, interval.high < limit)
        detail = f"; {lost} of {len(mine)} samples lost, {won} won"
    else:
        detail = "; the two were not measured on the same samples"
    how = "rose" if drop < 0 else "fell"
    message = f"{gate.metric} {how} by {abs(drop) * 100:.2f}pp ({_fall(drop, interval)}){detail}"
    if verdict == "fail":
        far = abs(drop - limit) * 100
        message += f"; {far:.2f}pp too {'much' if gate.better == 'higher' else 'little'}"
    if gate.wanted.endswith("pp"):
        return Judgement(verdict, message, drop, interval)
    bound = "at most" if gate.better == "higher" else "at least"
    if limit < 0:  # at most −2pp is a gain, and at least one of 2pp
        bound = "at least" if gate.better == "higher" else "at most"
    message += f"; {gate.required} is a {_what(limit)} of {bound} {abs(limit) * 100:.2f}pp"
    return Judgement(verdict, message, drop, interval)


def _fall(drop: float, interval: Interval | None) -> str:
    """Say how far a share fell, or how far it rose where all of the interval is a gain."""
    bounds = interval or Interval(low=drop, high=drop)
    gained = bounds.high < 0 or (bounds.high == 0 and bounds.low < 0)
    if gained:
        bounds = Interval(low=-bounds.high, high=-bounds.low)
    what = "a gain" if gained else "a drop"
    if interval is None:
        return f"{what} of {bounds.low * 100:.2f}pp"
    return f"{what} of {bounds.low * 100:.2f} to {bounds.high * 100:.2f}pp"


def _what(drop: float) -> str:
    return "gain" if drop < 0 else "drop"


def _largest_drop(gate: PlannedGate, other: float) -> float:
    """Give the drop that a gate allows (of a share that is better when lower: that it asks for)."""
    if gate.condition == "min_ratio":
        return other - (other * gate.bound if gate.better == "higher" else other / gate.bound)
    return gate.bound * other if gate.relative else gate.bound


def _ratios(gate: PlannedGate, pair: Pair) -> Judgement:
    """Judge how many times better a value is; a drop of 5% is a ratio of 0.95."""
    wanted = gate.bound if gate.condition == "min_ratio" else 1 - gate.bound
    comparison = pair.mine.comparison
    if comparison is not None and comparison.to == pair.against:
        interval = comparison.interval
        verdict = _by_interval(interval.low >= wanted, interval.high < wanted)
        message = f"{gate.metric} is {_times(comparison.ratio, pair.against)}"
        message += f" (a ratio of {interval.low:.4g} to {interval.high:.4g})"
        message += _short_of(gate, verdict, comparison.ratio, wanted)
        return Judgement(verdict, message, comparison.ratio, interval)
    better, worse = (pair.mine, pair.other) if gate.better == "higher" else (pair.other, pair.mine)
    if worse.value == 0:
        return Judgement("inconclusive", f"{gate.metric} is zero")
    ratio = better.value / worse.value
    if gate.unit in ("s", "1/s") or pair.mine.interval or pair.other.interval:
        message = f"{gate.metric} is {ratio:.2f}x, and no interval of that ratio was measured"
        return Judgement("inconclusive", message, ratio)
    verdict = "pass" if ratio >= wanted else "fail"  # counted: there is no doubt
    message = f"{gate.metric} is {_times(ratio, pair.against)}"
    return Judgement(verdict, message + _short_of(gate, verdict, ratio, wanted), ratio)


def _times(ratio: float, against: str) -> str:
    if 0 < ratio < 1:
        return f"{1 / ratio:.2f}x worse than on {against}"
    return f"{ratio:.2f}x better than on {against}"


def _short_of(gate: PlannedGate, verdict: Verdict, ratio: float, wanted: float) -> str:
    """Say by which factor a ratio was missed."""
    if verdict != "fail" or ratio == 0 or gate.condition != "min_ratio":
        return ""
    return f", short of {gate.wanted} by a factor of {wanted / ratio:.3g}"


def _scores(artifacts: Sequence[Artifact[Facts]], metric: str) -> list[float] | None:
    """Give the results by sample of the evaluator that has them for this metric."""
    for artifact in artifacts:
        scores: dict[str, list[float]] = json.loads(artifact.path.read_bytes())
        if metric in scores:
            return scores[metric]
    return None


def _by_interval(passes: bool, fails: bool) -> Verdict:
    return "pass" if passes else "fail" if fails else "inconclusive"


def quantity(value: float, unit: MetricUnit) -> str:
    """Write a metric's value with its unit: `97.2%`, `5.1ms`, `64,512 bytes`, `1,000/s`."""
    if unit == "share":
        return f"{value * 100:.4g}%"
    if unit == "s":
        power, name = next(
            ((p, n) for p, n in ((0, "s"), (3, "ms"), (6, "us")) if value * 10**p >= 1), (9, "ns")
        )
        return f"{value * 10**power:.4g}{name}"
    if unit == "1/s":
        return f"{value:,.6g}/s"
    number = f"{value:,.0f}" if value == round(value) else f"{value:,.6g}"
    return f"{number} bytes" if unit == "bytes" else number
