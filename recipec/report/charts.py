"""Where the marks of the small charts stand. The templates draw them as inline SVG."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from recipec.api import Metric
from recipec.report import formats
from recipec.report.context import Cell, Look, Mark, Measured, Panel, Row
from recipec.report.facts import NOTHING
from recipec.report.text import clip

_MARGIN: Final = 0.06
"""Free space at both ends of an axis of dots, as a share of it."""

_NEAR: Final = 0.1
"""How far below the baseline a share may lie and still stretch the axis."""

Series = Sequence[Metric | None]
"""One metric over the stages, in the table's order."""
Rows = Sequence[tuple[Row, Cell]]
"""The stages, with what the table says of that metric."""


@dataclass(frozen=True, slots=True)
class _Scale:
    """Maps values to percent of the chart's width."""

    low: float
    high: float
    logarithmic: bool = False

    def __call__(self, value: float) -> float:
        low, high = self.low, self.high
        if self.logarithmic:
            low, high, value = math.log(low), math.log(high), math.log(value)
        return round(min(max((value - low) / (high - low), 0.0), 1.0) * 100, 1)


def panels(measured: Measured, series: Sequence[Series], baseline: str | None) -> tuple[Panel, ...]:
    """Draw one chart for each column of the table over the stages that has something to show."""
    drawn = []
    for index, (column, metrics) in enumerate(zip(measured.columns, series, strict=True)):
        finite = [m for m in metrics if m is not None and math.isfinite(m.value)]
        if not finite or not any(m.value for m in finite):
            continue
        rows = [(row, row.cells[index]) for row in measured.rows]
        if any(_speed(m, baseline) for m in finite):
            drawn.append(_speeds(column.label.short, rows, metrics, baseline))
        elif all(m.unit == "share" and m.better == "higher" for m in finite):
            drawn.append(_shares(column.label.short, rows, metrics))
        else:
            drawn.append(_bars(column.label.short, rows, metrics))
    return tuple(drawn)


def _speed(metric: Metric, baseline: str | None) -> bool:
    """Tell whether a duration was compared with the baseline's while both were measured."""
    compared = metric.comparison
    return (
        metric.unit == "s"
        and compared is not None
        and compared.to == baseline
        and min(compared.ratio, compared.interval.low) > 0
        and math.isfinite(compared.interval.high)
    )


def _bars(title: str, rows: Rows, metrics: Series) -> Panel:
    finite = _finite(metrics)
    of_all = all(m.unit == "share" for m in finite)
    scale = _Scale(0.0, 1.0 if of_all else max(m.value for m in finite))
    marks = (
        _mark(row, cell, at=scale(m.value) if m and math.isfinite(m.value) else None)
        for (row, cell), m in zip(rows, metrics, strict=True)
    )
    axis = f"from 0 to {formats.share(1.0)}" if of_all else "bars start at zero"
    return Panel(title, axis, "bars", None, tuple(marks))


def _shares(title: str, rows: Rows, metrics: Series) -> Panel:
    """Draw shares around the baseline's; one that is far below it would hide all differences."""
    anchor = next(
        (m.value for (row, _), m in zip(rows, metrics, strict=True) if row.baseline and m), 0
    )
    near = [m for m in _finite(metrics) if m.value > anchor - _NEAR] or _finite(metrics)
    ends = [end for m in near for end in (m.value, *_interval(m))]
    margin = max(max(ends) - min(ends), 0.01) * _MARGIN
    scale = _Scale(max(min(ends) - margin, 0.0), min(max(ends) + margin, 1.0))
    marks = []
    for (row, cell), m in zip(rows, metrics, strict=True):
        if m is None or not math.isfinite(m.value):
            marks.append(_mark(row, cell))
        elif m.value < scale.low:
            marks.append(_mark(row, cell, at=0.0, off=True))
        else:
            low, high = (scale(end) for end in _interval(m) or (m.value, m.value))
            marks.append(_mark(row, cell, at=scale(m.value), low=low, high=high))
    axis = f"from {formats.share(scale.low)} to {formats.share(scale.high)}"
    if any(m.interval for m in near):
        axis += ", with confidence intervals"
    if any(mark.off for mark in marks):
        axis += "; ◂ lies below it"
    return Panel(title, axis, "dots", None, tuple(marks))


def _speeds(title: str, rows: Rows, metrics: Series, baseline: str | None) -> Panel:
    """Draw how many times faster each is on a logarithmic axis around 1."""
    speeds: list[tuple[float, float, float] | None] = []
    for (row, _), m in zip(rows, metrics, strict=True):
        if m is not None and m.comparison is not None and _speed(m, baseline):
            interval = m.comparison.interval
            speeds.append((m.comparison.ratio, interval.low, interval.high))
        else:
            speeds.append((1.0, 1.0, 1.0) if m is not None and row.baseline else None)
    ends = [end for speed in speeds if speed for end in speed]
    reach = (max(*ends, 1.0) / min(*ends, 1.0)) ** _MARGIN * 1.02
    scale = _Scale(min(*ends, 1.0) / reach, max(*ends, 1.0) * reach, logarithmic=True)
    marks = []
    for (row, cell), speed in zip(rows, speeds, strict=True):
        if speed is None:
            marks.append(_mark(row, cell))
        else:
            at, low, high = map(scale, speed)
            marks.append(_mark(row, cell, at=at, low=low, high=high, speed=True))
    axis = f"from {formats.times(scale.low)} to {formats.times(scale.high)}, line at the baseline"
    return Panel(f"{title}: speed", axis, "dots", scale(1.0), tuple(marks))


def _finite(metrics: Iterable[Metric | None]) -> list[Metric]:
    return [m for m in metrics if m is not None and math.isfinite(m.value)]


def _interval(metric: Metric) -> tuple[float, ...]:
    interval = metric.interval
    if interval is None or not (math.isfinite(interval.low) and math.isfinite(interval.high)):
        return ()
    return (interval.low, interval.high)


def _mark(
    row: Row,
    cell: Cell,
    *,
    at: float | None = None,
    low: float | None = None,
    high: float | None = None,
    speed: bool = False,
    off: bool = False,
) -> Mark:
    look: Look = "baseline" if row.baseline else "plain"
    value = clip(cell.value or cell.missing or NOTHING)
    if speed and cell.change is not None:
        value = clip(cell.change.text)
        if cell.change.tone == "good" or cell.change.tone == "bad":
            look = cell.change.tone
    return Mark(row.stage, value, look, at, low, high, off)
