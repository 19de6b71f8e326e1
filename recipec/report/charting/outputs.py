"""The outputs of several runs beside each other, one chart for each metric."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from recipec.api import Metric
from recipec.report import formats
from recipec.report.charting.scales import around, ends, finite, from_zero
from recipec.report.context import Axis, Cell, Look, Step, Waterfall
from recipec.report.facts import NOTHING
from recipec.report.measured import Table, promises
from recipec.report.metrics import label
from recipec.report.text import clip, name

LIMIT: Final = 40
"""Models that a chart shows."""


def outputs(runs: Sequence[tuple[str, Table]], columns: Sequence[str]) -> tuple[Waterfall, ...]:
    """Draw each metric of the outputs; a step begins at the baseline of its own run."""
    models = [
        (run if len(stages) == 1 else f"{run}: {stage}", table, stage)
        for run, table in runs
        for stages in [last(table)]
        for stage in stages
    ]
    drawn: list[Waterfall] = []
    for column in columns:
        shown = models[:LIMIT]
        metrics = [table.numbers.get(stage, {}).get(column) for _, table, stage in shown]
        known = finite(metrics)
        if any(m.value for m in known):
            before = [t.numbers.get(t.baseline or "", {}).get(column) for _, t, _ in shown]
            chart = _chart(f"output-{len(drawn) + 1}", column, known, finite(before))
            steps = tuple(
                _step(run, table.cell(stage, column), metric, base)
                for (run, table, stage), metric, base in zip(shown, metrics, before, strict=True)
            )
            note = chart.note
            if len(models) > LIMIT:
                note += f"; the first {LIMIT} of {formats.some(len(models), 'model')}"
            drawn.append(Waterfall(chart.id, chart.title, note, chart.axis, chart.style, steps))
    return tuple(drawn)


def last(table: Table) -> list[str]:
    """Give the stages whose models stand for a run: the promised ones, or else the last made."""
    made = [stage for stage, model in table.models.items() if model.made is not None]
    return [stage for stage in promises(table.record) if stage in made] or made[-1:]


def _chart(id: str, column: str, known: list[Metric], before: list[Metric]) -> Waterfall:
    title, every = name(label(column)).short, [*known, *before]
    style: Literal["bars", "dots"] = "bars"
    if all(m.unit == "share" and m.better == "higher" for m in every):
        style = "dots"
        axis: Axis = around(title, every, max((m.value for m in before), default=None))
        note = f"from {formats.share(axis.low)} to {formats.share(axis.high)}"
        if any(m.value < axis.low for m in known):
            note += "; ◂ lies below it"
    else:
        axis, note = from_zero(title, every), "from zero"
    if any(m.interval for m in known):
        note += ", with confidence intervals"
    return Waterfall(id, title, note, axis, style, ())


def _step(run: str, cell: Cell, metric: Metric | None, before: Metric | None) -> Step:
    shown, value = name(run), clip(cell.value or cell.missing or NOTHING, 80)
    if metric is None:
        return Step(shown, value, "plain", None, None, None, None, f"{shown}\n{value}")
    said, look = [shown.short, value.short], "plain"
    if cell.detail is not None:
        said.append(cell.detail)
    if cell.change is not None:
        interval = f" [{cell.change.interval}]" if cell.change.interval else ""
        said.append(f"{cell.change.text}{interval} against its baseline")
        if cell.change.tone in ("good", "bad"):
            look = cell.change.tone
    low, high = ends(metric) or (None, None)
    start = None if before is None else before.value
    tone: Look = "good" if look == "good" else "bad" if look == "bad" else "plain"
    return Step(shown, value, tone, metric.value, start, low, high, "\n".join(said))
