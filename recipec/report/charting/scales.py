"""Where an axis begins and ends, so that differences can be seen and none is made up."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

from recipec.api import Metric
from recipec.report.context import Axis

_MARGIN: Final = 0.06
"""Free space at both ends of an axis that needn't begin at zero, as a share of it."""

_NEAR: Final = 0.1
"""How far below the baseline a share may lie and still stretch the axis."""

_DECADE: Final = 8.0
"""Values that differ by more than this are shown on a logarithmic axis."""


def ends(metric: Metric) -> tuple[float, ...]:
    """Give the ends of a metric's confidence interval, nothing where it has none."""
    interval = metric.interval
    return () if interval is None else (interval.low, interval.high)


def from_zero(label: str, metrics: Sequence[Metric]) -> Axis:
    """Give an axis for bars: from zero to the largest value or end of an interval."""
    first = metrics[0]
    reach = max(end for m in metrics for end in (m.value, *ends(m)))
    if all(m.unit == "share" for m in metrics):
        reach = 1.0
    return Axis(label, first.unit, first.better, 0.0, reach or 1.0)


def around(label: str, metrics: Sequence[Metric], anchor: float | None) -> Axis:
    """Give an axis for shares around the baseline's; one far below would hide all differences."""
    first = metrics[0]
    floor = -math.inf if anchor is None else anchor - _NEAR
    near = [m for m in metrics if m.value > floor] or list(metrics)
    reach = [end for m in near for end in (m.value, *ends(m))]
    margin = max(max(reach) - min(reach), 0.01) * _MARGIN
    low, high = max(min(reach) - margin, 0.0), min(max(reach) + margin, 1.0)
    return Axis(label, first.unit, first.better, low, high)


def spread(label: str, metrics: Sequence[Metric]) -> Axis:
    """Give an axis for dots: over the values, logarithmic where they differ by much."""
    first, values = metrics[0], [m.value for m in metrics]
    low, high = min(values), max(values)
    logarithmic = low > 0 and high / low > _DECADE
    if logarithmic:
        return Axis(label, first.unit, first.better, low / 1.25, high * 1.25, True)
    margin = (high - low or abs(high) or 1.0) * _MARGIN
    bottom = low - margin
    return Axis(
        label, first.unit, first.better, 0.0 if low >= 0 > bottom else bottom, high + margin
    )


def finite(metrics: Iterable[Metric | None]) -> list[Metric]:
    """Give those that are there."""
    return [m for m in metrics if m is not None]
