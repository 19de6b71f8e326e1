"""The numbers over the stages: the table, its charts, and what each output gained."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from recipec.report import formats
from recipec.report.context import (
    Badge,
    Bought,
    Cell,
    Column,
    Form,
    Measured,
    Number,
    Row,
    Tile,
)
from recipec.report.facts import NOTHING, MadeModel, main_models, models, summary, tensors
from recipec.report.metrics import (
    BY_LAYER,
    Numbers,
    cell,
    change,
    comparison,
    completed,
    covers,
    label,
    missing_reason,
    no_cell,
    numbers,
)
from recipec.report.text import clip, name
from recipec.run.record import RunRecord, StageRecord

_EXACT: Final[tuple[str, ...]] = ("size.disk", "size.memory", "parameters", "macs")
"""Columns that come first, in this order."""

_SPARSE: Final = 0.05
"""The sparsity that is worth a column; some zeros are in every quantized model."""

STATUS: Final = {
    "ran": Badge("ran", "good"),
    "reused": Badge("reused", "quiet"),
    "failed": Badge("failed", "bad"),
    "blocked": Badge("blocked", "warn"),
    "not run": Badge("not run", "quiet"),
}


class Table:
    """The models of a run and what was measured on them."""

    def __init__(self, record: RunRecord) -> None:
        self.record = record
        self.all_models = tuple(models(record))
        self.models = main_models(self.all_models)
        self.measured = numbers(record)
        self.numbers = completed(self.measured, self.models)
        first = next(iter(self.models), None)
        self.baseline = first if record.baseline is None else record.baseline
        self.columns = _columns(record, self.numbers)

    def anchor(self, stage: str) -> str:
        """Give the id of a stage's element; "stages" for one that isn't in the record."""
        for position, candidate in enumerate(self.record.stages, 1):
            if candidate.id == stage:
                return f"stage-{position}"
        return "stages"

    def cell(self, stage: str, column: str) -> Cell:
        """Show a metric of a stage against the baseline's, or why it is missing."""
        metric = self.numbers.get(stage, {}).get(column)
        if metric is not None:
            if stage == self.baseline:
                return cell(metric, None)
            other = self.numbers.get(self.baseline or "", {}).get(column)
            return cell(metric, change(metric, other, self.baseline))
        reason = missing_reason(self.record, stage, column)
        if reason is None and stage in self.models:
            reason = _absence(self.models[stage].stage)
        return no_cell(reason or NOTHING)

    def form(self, model: MadeModel) -> Form:
        """Describe a model in one line."""
        said = [summary(model.facts)]
        if (layers := model.layers) is not None:
            said.append(f"{formats.count(layers.parameters)} parameters")
            said.append(f"{formats.count(layers.macs)} multiply-adds per sample")
        if isinstance(inputs := model.facts.get("inputs"), list):
            said.append(tensors(inputs))
        return Form(name(model.stage.id), self.anchor(model.stage.id), clip(", ".join(said)))

    def view(self) -> Measured:
        """Give the table over all stages that make a model."""
        promised = promises(self.record)
        rows = tuple(
            Row(
                stage=name(stage),
                anchor=self.anchor(stage),
                badge=STATUS[model.stage.status],
                form=clip(summary(model.facts)).short,
                baseline=stage == self.baseline,
                output=stage in promised,
                cells=tuple(self.cell(stage, column) for column in self.columns),
            )
            for stage, model in self.models.items()
        )
        columns = tuple(Column(name(n), name(label(n))) for n in self.columns)
        return Measured(columns, rows, None if self.baseline is None else name(self.baseline))

    def went_in(self) -> Form | None:
        """Describe the baseline, or the source model where there is none."""
        model = self.models.get(self.baseline or "")
        return self.form(model) if model is not None else None

    def came_out(self) -> tuple[Bought, ...]:
        """Say for each promised model what it gained against the baseline."""
        return tuple(
            Bought(self.form(self.models[stage]), tuple(self._tiles(stage)))
            for stage in promises(self.record)
            if stage in self.models and self.models[stage].made is not None
        )

    def _tiles(self, stage: str) -> Iterable[Tile]:
        for column in self.columns:
            if column == "sparsity":
                continue
            shown = self.cell(stage, column)
            if not shown.value and shown.missing == clip(NOTHING):
                continue
            before = self.numbers.get(self.baseline or "", {}).get(column)
            yield Tile(
                name(label(column)).short,
                formats.quantity(before.value, before.unit) if before else None,
                shown,
            )

    def all_numbers(self) -> tuple[Number, ...]:
        """List every number that was measured."""
        rows = []
        for stage, metrics in self.measured.items():
            for metric in metrics.values():
                rows.append(
                    Number(
                        stage=name(stage),
                        name=name(metric.name),
                        value=formats.quantity(metric.value, metric.unit),
                        detail=formats.interval(metric),
                        comparison=comparison(metric),
                        order=metric.value if math.isfinite(metric.value) else None,
                    )
                )
        return tuple(rows)


def promises(record: RunRecord) -> tuple[str, ...]:
    """Give the stages whose artifacts the recipe promises, made or not."""
    stated = record.resolved.get("outputs") or ()
    made = (output.stage for output in record.outputs)
    return tuple(dict.fromkeys((*(s for s in stated if isinstance(s, str)), *made)))


def _columns(record: RunRecord, found: Numbers) -> list[str]:
    """Choose the metrics of the main table: what was measured, in a fixed order of families.

    What a stage tells of itself ("accuracy.train") is no measurement of what it made.
    """
    names = {
        m.name: m
        for node in record.measurements
        for m in node.metrics
        if BY_LAYER not in m.name  # they have a table of their own
    }
    # What could be measured nowhere still gets its column, full of reasons.
    nowhere = [
        asked
        for entry in record.unmeasured
        for asked in entry.metrics
        if not any(covers(asked, n) for n in names)
    ]
    known = {n for metrics in found.values() for n in metrics}
    chosen = [n for n in _EXACT if n in known or n in nowhere]
    if any(m["sparsity"].value >= _SPARSE for m in found.values() if "sparsity" in m):
        chosen.append("sparsity")
    chosen += [n for n, m in names.items() if m.unit == "share" and m.better == "higher"]
    chosen += [n for n in nowhere if n == "accuracy"]
    chosen += [n for n in (*names, *nowhere) if covers("latency.p50", n) or n == "latency"]
    return list(dict.fromkeys(chosen))


def _absence(stage: StageRecord) -> str | None:
    match stage.status:
        case "failed" | "not run":
            return stage.status
        case "blocked":
            return (
                stage.reason if stage.reason.startswith("blocked") else f"blocked: {stage.reason}"
            )
    return None
