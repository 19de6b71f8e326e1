"""Which number belongs to which stage, what it is called, and how it compares with the baseline."""

from __future__ import annotations

import math
import re
from typing import Final

from recipec.api import Interval, Metric
from recipec.report import formats
from recipec.report.context import Cell, Change, Tone
from recipec.report.facts import MadeModel
from recipec.report.text import clip, name
from recipec.run.record import RunRecord

Numbers = dict[str, dict[str, Metric]]
"""Metrics by stage (or plan node, where one is about no stage) and exact name."""

_LABELS: Final = {
    "size.disk": "Size on disk",
    "size.memory": "Size in memory",
    "parameters": "Parameters",
    "macs": "Multiply-adds",
    "sparsity": "Sparsity",
    "accuracy": "Accuracy",
    "agreement": "Agreement",
    "cosine.mean": "Cosine, mean",
    "cosine.p5": "Cosine, 5th percentile",
    "neighbours": "Same neighbour",
    "probe": "Probe",
    "latency.p50": "Latency p50",
    "latency.p95": "Latency p95",
    "latency.mean": "Latency mean",
    "throughput": "Throughput",
}
_WORDS: Final = {
    "size": ("smaller", "larger"),
    "parameters": ("fewer", "more"),
    "macs": ("fewer", "more"),
    "latency": ("faster", "slower"),
}
"""Words for a value that is better than the baseline's, and for one that is worse."""


BY_LAYER: Final = "@layer="
"""How the exact name of a metric says which layer it is about: `snr@layer=conv1`."""


def label(name: str) -> str:
    """Give a metric's name for readers: `Latency p50, batch 1`."""
    head, _, arguments = name.partition("@")
    words = _LABELS.get(head, head)
    return f"{words}, {arguments.replace('=', ' ')}" if arguments else words


def numbers(record: RunRecord) -> Numbers:
    """Gather every metric under the stage that it is about."""
    found: Numbers = {}
    owned = [(stage.id, stage) for stage in record.stages]
    owned += [(node.inputs.get("subject", node.id), node) for node in record.measurements]
    for owner, node in owned:
        for metric in node.metrics:
            found.setdefault(metric.subject or owner, {}).setdefault(metric.name, metric)
    return found


def completed(found: Numbers, models: dict[str, MadeModel]) -> Numbers:
    """Add what the facts say of size, parameters and multiply-adds where nothing measured it."""
    result = {stage: dict(metrics) for stage, metrics in found.items()}
    for stage, model in models.items():
        mine = result.setdefault(stage, {})
        if model.port in model.stage.sizes:
            _add(mine, "size.disk", model.stage.sizes[model.port], "bytes")
        if (layers := model.layers) is not None:
            _add(mine, "parameters", layers.parameters, "1")
            _add(mine, "macs", layers.macs, "1")
    return result


def _add(metrics: dict[str, Metric], name: str, value: int, unit: str) -> None:
    read = Metric.model_validate({"name": name, "value": value, "unit": unit, "better": "lower"})
    metrics.setdefault(name, read)


def missing_reason(record: RunRecord, stage: str, name: str) -> str | None:
    """Say why a metric that was asked for is missing on a stage, None when nobody asked for it.

    An `unmeasured` entry names exact metrics or a whole family (`latency`).
    """
    for entry in record.unmeasured:
        if entry.stage == stage and any(covers(asked, name) for asked in entry.metrics):
            blocked = entry.reason.startswith(("blocked", "not measured"))
            return entry.reason if blocked else f"not measured: {entry.reason}"
    return None


def covers(asked: str, name: str) -> bool:
    """Tell whether a metric, or a family of metrics, that was asked for includes this name."""
    return name == asked or name.startswith((f"{asked}.", f"{asked}@"))


def change(metric: Metric, baseline: Metric | None, baseline_id: str | None) -> Change | None:
    """Put a metric against the baseline's.

    Where both were measured side by side, the comparison says how many times better this value is,
    with an interval, and an interval that holds 1 shows no difference. Sizes and counts are exact.
    Shares differ by points. Anything else that wasn't compared while it was measured isn't compared
    here either.
    """
    compared = metric.comparison
    if compared is not None and compared.to == baseline_id:
        return times_better(metric, compared.ratio, compared.interval)
    if baseline is None or baseline.unit != metric.unit or baseline is metric:
        return None
    if metric.unit == "share":
        return _points_change(metric, baseline)
    if metric.unit in ("bytes", "1") and min(baseline.value, metric.value) > 0:
        up = metric.better == "higher"
        better, worse = (metric, baseline) if up else (baseline, metric)
        return times_better(metric, better.value / worse.value, None)
    return None


def _points_change(metric: Metric, baseline: Metric) -> Change | None:
    difference = metric.value - baseline.value
    if not math.isfinite(difference):
        return None
    # Two intervals apart show a difference; the finer, paired comparison is a gate's business.
    better = (difference > 0) == (metric.better == "higher")
    tone = _tone(metric, better=better) if _apart(metric, baseline) else "quiet"
    return Change(formats.points(difference), tone, None)


def difference(metric: Metric, before: Metric) -> Change | None:
    """Put a metric against that of another stage, which wasn't measured side by side with it.

    A tone of `good` or `bad` says that the two differ: exact numbers do, and others whose intervals
    are apart.
    """
    if before.unit != metric.unit:
        return None
    if metric.unit == "share":
        return _points_change(metric, before)
    if min(before.value, metric.value) <= 0:
        return None
    up = metric.better == "higher"
    better, worse = (metric, before) if up else (before, metric)
    found = times_better(metric, better.value / worse.value, None)
    exact = metric.unit == "bytes" or (metric.interval is None and before.interval is None)
    if found is None or exact or _apart(metric, before):
        return found
    return Change(found.text, "quiet", None)


def _apart(one: Metric, other: Metric) -> bool:
    """Tell whether both have intervals, and these are apart."""
    mine, its = one.interval, other.interval
    return bool(mine and its and (mine.low > its.high or mine.high < its.low))


def times_better(metric: Metric, ratio: float, interval: Interval | None) -> Change | None:
    """Put into words how many times better a value is (worse, below 1), as a number above 1."""
    if not (math.isfinite(ratio) and ratio > 0):
        return None
    if interval is not None and interval.low <= 1 <= interval.high:
        return Change("no difference shown", "quiet", _ends(interval, inverted=False))
    if ratio == 1:
        return Change("the same", "quiet", None)
    better = ratio > 1
    factor = ratio if better else 1 / ratio
    family = re.split(r"[.@]", metric.name)[0]
    other = ("higher", "lower") if metric.better == "higher" else ("lower", "higher")
    word = _WORDS.get(family, other)[0 if better else 1]
    how_much = formats.times(factor)
    if how_much == "1.00×":
        return Change(f"{formats.significant((factor - 1) * 100, 2)}\u00a0% {word}", "quiet", None)
    ends = _ends(interval, inverted=not better) if interval else None
    return Change(f"{how_much} {word}", _tone(metric, better=better), ends)


def comparison(metric: Metric) -> str | None:
    """Put into words what a metric was compared with while it was measured."""
    if metric.comparison is None:
        return None
    found = times_better(metric, metric.comparison.ratio, metric.comparison.interval)
    if found is None:
        return None
    ends = f" [{found.interval}]" if found.interval else ""
    return f"{found.text}{ends}, against {name(metric.comparison.to)}"


def _tone(metric: Metric, *, better: bool) -> Tone:
    if metric.better == "neither":
        return "quiet"
    return "good" if better else "bad"


def _ends(interval: Interval, *, inverted: bool) -> str:
    low, high = interval.low, interval.high
    if inverted:
        low, high = 1 / high, (1 / low if low > 0 else math.inf)
    ends = f"{formats.significant(low)}–{formats.times(high)}"
    return ends if interval.level == formats.LEVEL else f"{ends}, {formats.level(interval)}"


def cell(metric: Metric, against: Change | None) -> Cell:
    """Show a metric in a table."""
    return Cell(
        value=formats.quantity(metric.value, metric.unit),
        # Sparsity is counted, not sampled: its count says nothing of its certainty.
        detail=None if metric.better == "neither" else formats.interval(metric),
        change=against,
        missing=None,
        order=metric.value if math.isfinite(metric.value) else None,
    )


def no_cell(reason: str) -> Cell:
    """Show why there is no number."""
    return Cell(value="", detail=None, change=None, missing=clip(reason), order=None)
