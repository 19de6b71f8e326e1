"""Several run records → the context of the comparison's templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from recipec.report import formats, summary
from recipec.report.charting.outputs import last, outputs
from recipec.report.charting.scatter import models_of, scatter
from recipec.report.context import (
    Badge,
    Cell,
    Column,
    ComparedRow,
    ComparedRun,
    Comparison,
    Difference,
    Pair,
    Scatter,
    Text,
)
from recipec.report.facts import NOTHING, compact
from recipec.report.links import relative_link
from recipec.report.measured import Table
from recipec.report.metrics import label, no_cell
from recipec.report.render import Run, Runs
from recipec.report.text import MESSAGE, clip, name
from recipec.run.record import RunRecord

MOST_DIFFERENCES: Final = 60
"""Differences of recipes and machines that are shown."""


def compared(title: str, runs: Runs) -> Comparison:
    """Give the templates' context. Raises ValidationError on facts that aren't a model's."""
    tables = [None if run.record is None else Table(run.record) for run in runs]
    there = [(run, table) for run, table in zip(runs, tables, strict=True) if table is not None]
    names = list(dict.fromkeys(column for _, table in there for column in table.columns))
    columns = tuple(Column(name(n), name(label(n))) for n in names)
    tradeoff = scatter([model for run, table in there for model in models_of(table, run.label)])
    rows = tuple(row for run, table in there for row in _rows(run, table, names, tradeoff))
    shown = [(run.label, table) for run, table in there]
    return Comparison(
        title=clip(title, 120),
        headline=_headline(runs),
        runs=tuple(_run(run, table) for run, table in zip(runs, tables, strict=True)),
        columns=columns,
        rows=rows,
        waterfalls=outputs(shown, names),
        tradeoff=tradeoff,
        differences=tuple(_differences([run.record for run in runs if run.record is not None])),
    )


def _headline(runs: Runs) -> str:
    words = ["error" if run.record is None else run.record.status for run in runs]
    kinds = ("done", "gate failed", "failed", "error")
    said = ", ".join(f"{words.count(kind)} {kind}" for kind in kinds if kind in words)
    return f"{formats.some(len(runs), 'run')}: {said}."


def _run(run: Run, table: Table | None) -> ComparedRun:
    link = None if run.link is None else relative_link(run.link)
    problem = None if run.problem is None else clip(run.problem, MESSAGE)
    if table is None:
        return ComparedRun(name(run.label), link, Badge("error", "bad"), problem, (), ())
    record = table.record
    findings = summary.problems(record, table, summary.findings(record))
    first = next(findings, None)
    if problem is None and first is not None:
        problem = clip(f"{first.what}: {first.message}")
    facts = {
        "Started": formats.moment(record.started),
        "Took": formats.duration(record.seconds),
        "recipec": record.recipec,
        "Python": record.environment.python,
        "CPU": record.environment.cpu,
        "Threads": record.threads,
    }
    return ComparedRun(
        label=name(run.label),
        link=link,
        badge=summary.status(record).badge,
        problem=problem,
        facts=tuple(Pair(Text(key), clip(value)) for key, value in facts.items()),
        gates=summary.gates(record),
    )


def _rows(
    run: Run, table: Table, names: list[str], tradeoff: Scatter | None
) -> Iterator[ComparedRow]:
    on = {p.name for p in tradeoff.points if p.front} if tradeoff is not None else set()
    stages = [table.baseline] if table.baseline in table.models else []
    for stage in dict.fromkeys([*stages, *last(table)]):
        if stage is not None:
            yield ComparedRow(
                run=name(run.label),
                stage=name(stage),
                link=None if run.link is None else relative_link(run.link),
                baseline=stage == table.baseline,
                front=name(f"{run.label}: {stage}") in on,
                cells=tuple(_cell(table, stage, column) for column in names),
            )


def _cell(table: Table, stage: str, column: str) -> Cell:
    cell = table.cell(stage, column)
    return cell if cell.value or cell.missing else no_cell(NOTHING)


def _differences(records: list[RunRecord]) -> Iterator[Difference]:
    """Give what isn't the same in all resolved recipes, and in all machines."""
    if len(records) < 2:
        return
    told = [dict(_told(record)) for record in records]
    keys = dict.fromkeys(key for one in told for key in one)
    found = [key for key in keys if len({one.get(key) for one in told}) > 1]
    for key in found[:MOST_DIFFERENCES]:
        yield Difference(name(key), tuple(clip(one.get(key, NOTHING), 80) for one in told))


def _told(record: RunRecord) -> Iterator[tuple[str, str]]:
    yield from _flat("", record.model_dump(mode="json", include={"resolved"})["resolved"])
    environment = record.environment
    for key in ("python", "platform", "cpu", "cores"):
        yield f"machine.{key}", str(getattr(environment, key))
    for package, version in environment.packages.items():
        yield f"package.{package}", version
    yield "recipec", record.recipec


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    """Flatten: `stages.prune.with.amount` → `0.4`; an entry with an id goes by that."""
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _flat(f"{prefix}.{key}" if prefix else str(key), item)
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for position, item in enumerate(value):
            id = item.get("id", position) if isinstance(item, Mapping) else position
            yield from _flat(f"{prefix}.{id}", item)
    else:
        yield prefix, compact(value)
