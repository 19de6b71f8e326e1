"""How each quantity changes from stage to stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal

from recipec.api import Metric
from recipec.report import formats
from recipec.report.charting.rows import LIMIT, chosen, givers
from recipec.report.charting.scales import around, ends, finite, from_zero
from recipec.report.context import Axis, Cell, Column, Look, Row, Step, Waterfall
from recipec.report.facts import NOTHING
from recipec.report.measured import Table
from recipec.report.metrics import difference
from recipec.report.text import clip

_LEFT_OUT: Final = "{} of {} are shown: the outputs and what led to them; the table has all"


def waterfalls(table: Table) -> tuple[Waterfall, ...]:
    """Draw one chart for each column of the table over the stages that has something to show."""
    measured, giver = table.view(), givers(table.record, table.models)
    rows = dict(zip(table.models, measured.rows, strict=True))
    outputs = [stage for stage, row in rows.items() if row.output]
    shown = chosen(rows, [*outputs, table.baseline], giver)
    drawn: list[Waterfall] = []
    for index, (exact, column) in enumerate(zip(table.columns, measured.columns, strict=True)):
        metrics = {stage: table.numbers.get(stage, {}).get(exact) for stage in shown}
        if any(m.value for m in finite(metrics.values())):
            cells = {stage: (rows[stage], rows[stage].cells[index]) for stage in shown}
            id = f"waterfall-{len(drawn) + 1}"
            chart = _waterfall(id, column, cells, metrics, giver, table.baseline)
            drawn.append(chart if len(shown) == len(rows) else _note(chart, len(rows)))
    return tuple(drawn)


def _note(chart: Waterfall, total: int) -> Waterfall:
    said = _LEFT_OUT.format(LIMIT, formats.some(total, "stage"))
    return replace(chart, note=f"{chart.note}; {said}")


def _waterfall(
    id: str, column: Column, cells: Mapping[str, tuple[Row, Cell]],
    metrics: Mapping[str, Metric | None], giver: Mapping[str, str], baseline: str | None,
) -> Waterfall:  # fmt: skip
    known, label = finite(metrics.values()), column.label.short
    style: Literal["bars", "dots"] = "bars"
    if all(m.unit == "share" and m.better == "higher" for m in known):
        style = "dots"
        anchor = metrics.get(baseline or "")
        axis = around(label, known, anchor.value if anchor else None)
        note = f"from {formats.share(axis.low)} to {formats.share(axis.high)}"
        if any(m.value < axis.low for m in known):
            note += "; ◂ lies below it"
    else:
        axis = from_zero(label, known)
        note = "from zero"
    if any(m.interval for m in known):
        note += ", with confidence intervals"
    steps = []
    for stage, (row, cell) in cells.items():
        metric, source = metrics[stage], _source(stage, giver, metrics)
        steps.append(_step(row, cell, metric, source, axis))
    return Waterfall(id, label, note, axis, style, tuple(steps))


def _source(
    stage: str, giver: Mapping[str, str], metrics: Mapping[str, Metric | None]
) -> tuple[str, Metric] | None:
    """Give the nearest stage before this one that has the metric, and its metric."""
    at = giver.get(stage)
    while at is not None:
        metric = metrics.get(at)
        if metric is not None:
            return at, metric
        at = giver.get(at)
    return None


def _step(
    row: Row, cell: Cell, metric: Metric | None, source: tuple[str, Metric] | None, axis: Axis
) -> Step:
    value = clip(cell.value or cell.missing or NOTHING, 80)
    if metric is None:
        return Step(row.stage, value, "plain", None, None, None, None, f"{row.stage}\n{value}")
    said = [row.stage.short + (" (baseline)" if row.baseline else ""), f"{axis.label}: {value}"]
    if cell.detail is not None:
        said.append(cell.detail)
    look: Look = "baseline" if row.baseline else "plain"
    if source is not None:
        against = difference(metric, source[1])
        if against is not None:
            said.append(f"{against.text} against {clip(source[0], 40)} before it")
            if against.tone in ("good", "bad") and not row.baseline:
                look = "good" if against.tone == "good" else "bad"
    if cell.change is not None:
        interval = f" [{cell.change.interval}]" if cell.change.interval else ""
        said.append(f"{cell.change.text}{interval} against the baseline")
    low, high = ends(metric) or (None, None)
    return Step(
        stage=row.stage,
        value=value,
        look=look,
        at=metric.value,
        before=None if source is None else source[1].value,
        low=low,
        high=high,
        tip="\n".join(said),
    )
