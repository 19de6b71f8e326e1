"""Gates: a condition on a metric, judged by its interval. Pass, fail, or inconclusive."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from recipec.api import Artifact, Facts, Interval, Metric
from recipec.api.statistics import tango_interval
from recipec.api.units import parse_points, parse_ratio
from recipec.recipe import Gate
from recipec.run.record import GateRecord, Verdict

LEVEL = 0.95


def judge(
    gate: Gate,
    baseline: str | None,
    metrics: Mapping[str, Mapping[str, Metric]],
    scores: Mapping[str, Sequence[Artifact[Facts]]],
) -> GateRecord:
    """Judge one gate. `metrics` are by stage and name, `scores` the per-sample results by stage."""
    name, wanted = next(iter(gate.conditions.items()))
    compares = name in ("max_drop", "min_ratio")
    against = (gate.against or baseline) if compares else None
    required = _in_words(name, wanted)
    value = metrics.get(gate.stage, {}).get(gate.metric)
    other = metrics.get(against, {}).get(gate.metric) if against else None
    if value is None or (against is not None and other is None):
        where = gate.stage if value is None else against
        return _verdict(
            gate, required, against, "inconclusive", f"{gate.metric} was not measured on {where}"
        )
    if name == "max_drop" and other is not None and against is not None:
        return _drop(gate, required, against, value, other, scores)
    if name == "min_ratio" and other is not None:
        return _ratio(gate, required, against, value, other)
    verdict: Verdict
    bound = float(wanted)
    interval = value.interval or Interval(low=value.value, high=value.value)
    if value.interval is None and value.unit in ("s", "1/s"):
        verdict = "inconclusive"  # a timing without an interval decides nothing
    elif name == "min":
        verdict = _by_interval(interval.low >= bound, interval.high < bound)
    else:
        verdict = _by_interval(interval.high <= bound, interval.low > bound)
    message = f"{gate.metric} is {value.value:.6g}{_range(value.interval)}"
    return _verdict(gate, required, None, verdict, message, value.value, value.interval)


def _drop(
    gate: Gate,
    required: str,
    against: str,
    value: Metric,
    other: Metric,
    scores: Mapping[str, Sequence[Artifact[Facts]]],
) -> GateRecord:
    """Judge a drop on the same samples (Tango's score interval for paired proportions)."""
    limit, drop = parse_points(gate.max_drop), other.value - value.value
    mine, theirs = (_scores(scores.get(stage, ()), gate.metric) for stage in (gate.stage, against))
    interval, verdict = None, _by_interval(False, False)
    if mine and theirs and len(mine) == len(theirs):
        lost = sum(a < b for a, b in zip(mine, theirs, strict=True))
        won = sum(a > b for a, b in zip(mine, theirs, strict=True))
        interval = tango_interval(lost, won, len(mine), LEVEL)
        verdict = _by_interval(interval.high <= limit, interval.low > limit)
        detail = f"; {lost} of {len(mine)} samples lost, {won} won"
    else:
        detail = "; the two were not measured on the same samples"
    how = "rose" if drop < 0 else "fell"
    message = f"{gate.metric} {how} by {abs(drop) * 100:.2f}pp (a drop of"
    message += f"{_points(interval) or f' {drop * 100:.2f}pp'}){detail}"
    return _verdict(gate, required, against, verdict, message, drop, interval)


def _ratio(
    gate: Gate, required: str, against: str | None, value: Metric, other: Metric
) -> GateRecord:
    wanted = parse_ratio(gate.min_ratio)
    comparison = value.comparison
    verdict: Verdict
    if comparison is not None and comparison.to == against:
        ratio, interval = comparison.ratio, comparison.interval
        verdict = _by_interval(interval.low >= wanted, interval.high < wanted)
        message = f"{gate.metric} is {ratio:.2f}x better than on {against}{_range(interval)}"
        return _verdict(gate, required, against, verdict, message, ratio, interval)
    better, worse = (value, other) if value.better == "higher" else (other, value)
    if worse.value == 0:
        return _verdict(gate, required, against, "inconclusive", f"{gate.metric} is zero")
    ratio = better.value / worse.value
    if {value.unit, other.unit} & {"s", "1/s"} or value.interval or other.interval:
        verdict = "inconclusive"
        message = f"{gate.metric} is {ratio:.2f}x, and no interval of that ratio was measured"
    else:  # counted, not measured: there is no doubt
        verdict = "pass" if ratio >= wanted else "fail"
        message = f"{gate.metric} is {ratio:.2f}x better than on {against}"
    return _verdict(gate, required, against, verdict, message, ratio)


def _scores(artifacts: Sequence[Artifact[Facts]], metric: str) -> list[float] | None:
    """Give the results by sample of the evaluator that has them for this metric."""
    for artifact in artifacts:
        scores: dict[str, list[float]] = json.loads(artifact.path.read_bytes())
        if metric in scores:
            return scores[metric]
    return None


def _by_interval(passes: bool, fails: bool) -> Verdict:
    return "pass" if passes else "fail" if fails else "inconclusive"


def _in_words(name: str, wanted: str | float) -> str:
    words = {
        "max_drop": f"drop ≤ {wanted}",
        "min_ratio": f"ratio ≥ {wanted}",
        "min": f"≥ {wanted}",
        "max": f"≤ {wanted}",
    }
    return words[name]


def _range(interval: Interval | None) -> str:
    return "" if interval is None else f" ({interval.low:.4g} to {interval.high:.4g})"


def _points(interval: Interval | None) -> str:
    if interval is None:
        return ""
    return f" {interval.low * 100:.2f} to {interval.high * 100:.2f}pp"


def _verdict(
    gate: Gate,
    required: str,
    against: str | None,
    verdict: Verdict,
    message: str,
    value: float | None = None,
    interval: Interval | None = None,
) -> GateRecord:
    return GateRecord(
        stage=gate.stage,
        metric=gate.metric,
        required=required,
        against=against,
        verdict=verdict,
        message=message,
        value=value,
        interval=interval,
    )
