"""A run record → the context of the report's templates: every decision on wording and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from recipec.report import nodes, summary
from recipec.report.charting.costs import costs
from recipec.report.charting.graph import graph
from recipec.report.charting.scatter import models_of, scatter
from recipec.report.charting.waterfall import waterfalls
from recipec.report.context import Machine, Pair, Recipe, Report
from recipec.report.expected import expectations
from recipec.report.layer_data import layer_data
from recipec.report.layers import layer_tables
from recipec.report.links import reproduce
from recipec.report.measured import Table, promises
from recipec.report.planned import planned_rows
from recipec.report.text import clip, name, visible
from recipec.run.record import RunRecord


def view(record: RunRecord) -> Report:
    """Give the templates' context. Raises ValidationError on facts that aren't a model's."""
    table = Table(record)
    findings = summary.findings(record)
    made = {output.stage for output in record.outputs}
    return Report(
        title=clip(record.name, 120),
        status=summary.status(record),
        problems=tuple(summary.problems(record, table, findings)),
        overview=tuple(summary.overview(record)),
        went_in=table.went_in(),
        came_out=table.came_out(),
        outputs=summary.outputs(record, table),
        missing_outputs=tuple(name(s) for s in promises(record) if s not in made),
        measured=table.view(),
        waterfalls=waterfalls(table),
        tradeoff=scatter(models_of(table)),
        numbers=table.all_numbers(),
        gates=summary.gates(record),
        planned=planned_rows(table, list(table.all_models)),
        expected=expectations(record),
        layers=layer_tables(table),
        layer_data=layer_data(table),
        graph=graph(record),
        costs=costs(record),
        stages=tuple(nodes.stage(s, f"stage-{n}") for n, s in enumerate(record.stages, 1)),
        measurements=tuple(
            nodes.stage(s, f"measurement-{n}") for n, s in enumerate(record.measurements, 1)
        ),
        data=tuple(map(nodes.data, record.data)),
        machine=_machine(record),
        findings=findings,
        recipe=Recipe(visible(record.recipe), _yaml(record), reproduce(record)),
    )


def _machine(record: RunRecord) -> Machine:
    environment = record.environment
    facts = {
        "Python": environment.python,
        "Platform": environment.platform,
        "CPU": environment.cpu,
        "Cores": environment.cores,
        "Threads": record.threads,
        "Seed": record.seed,
        "recipec": record.recipec,
        "Record format": record.format,
    }
    return Machine(
        _pairs(facts),
        _pairs(environment.packages),
        _pairs({k: _capability(v) for k, v in environment.capabilities.items()}),
    )


def _capability(version: str | None) -> str:
    if version is None:
        return "missing"
    return version or "yes"


def _pairs(values: Mapping[str, Any]) -> tuple[Pair, ...]:
    return tuple(Pair(name(key), clip(value)) for key, value in values.items())


def _yaml(record: RunRecord) -> str:
    # Through JSON, where a parameter's own type of string becomes a plain one.
    resolved = record.model_dump(mode="json", include={"resolved"})["resolved"]
    return visible(yaml.safe_dump(resolved, sort_keys=False, allow_unicode=True, width=100))
