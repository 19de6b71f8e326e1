"""From timed rounds to metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from statistics import fmean

from recipec.api import Comparison, Metric
from recipec.api.statistics import bootstrap_ratio_interval, percentile, percentile_interval
from recipec_measure.timings import BatchTimings

NANOSECOND = 1e-9

Statistic = Callable[[Sequence[float]], float]

_MEDIAN: Statistic = partial(percentile, percent=50)
_P95: Statistic = partial(percentile, percent=95)


def latency_metrics(
    timings: BatchTimings, families: Sequence[str], baseline: str | None, seed: int
) -> Iterator[Metric]:
    """Give the metrics of all stages at one batch size.

    The intervals of the median and of the 95th percentile are between order statistics. Ratios say
    how many times faster than the baseline a stage is; their intervals are bootstrapped over the
    rounds with `seed`. A baseline that wasn't timed is compared with nothing.
    """
    others = timings.nanoseconds.get(baseline) if baseline is not None else None
    for stage, times in timings.nanoseconds.items():
        compared = None if stage == baseline else others
        for name, statistic in _statistics(families):
            metric = _metric(name, statistic, stage, timings.batch, times)
            if compared is not None and baseline is not None:
                comparison = _comparison(baseline, compared, times, statistic, seed)
                metric = metric.model_copy(update={"comparison": comparison})
            yield metric


def _statistics(families: Sequence[str]) -> Iterator[tuple[str, Statistic]]:
    if "latency" in families:
        yield from (("latency.p50", _MEDIAN), ("latency.p95", _P95), ("latency.mean", fmean))
    if "throughput" in families:
        yield "throughput", fmean


def _metric(
    name: str, statistic: Statistic, stage: str, batch: int, times: Sequence[int]
) -> Metric:
    seconds = [time * NANOSECOND for time in times]
    value = statistic(seconds)
    if name == "throughput":
        return Metric(
            name=f"throughput@batch={batch}",
            value=batch / value,
            unit="1/s",
            better="higher",
            count=len(times),
            subject=stage,
        )
    percent = {"latency.p50": 50, "latency.p95": 95}.get(name)
    return Metric(
        name=f"{name}@batch={batch}",
        value=value,
        unit="s",
        better="lower",
        interval=None if percent is None else percentile_interval(seconds, percent),
        count=len(times),
        subject=stage,
    )


def _comparison(
    baseline: str, theirs: Sequence[int], mine: Sequence[int], statistic: Statistic, seed: int
) -> Comparison:
    return Comparison(
        to=baseline,
        ratio=statistic(theirs) / statistic(mine),
        interval=bootstrap_ratio_interval(theirs, mine, statistic, seed=seed),
    )
