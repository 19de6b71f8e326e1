"""Run the variants of a recipe in turn, each into a folder of its own, and compare them."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from recipec.cli.problems import report_problem, show
from recipec.cli.table import NOTHING, cell, table
from recipec.cli.variants import Asked, each_variant, worst
from recipec.diagnostics import Diagnostic, ExitCode, RecipecError, Severity, UsageError

if TYPE_CHECKING:
    from recipec.recipe import Recipe
    from recipec.run.record import RunRecord


class _Outcome(NamedTuple):
    """What became of one variant: a record, or why there is none."""

    label: str
    out: Path
    code: int
    record: RunRecord | None = None
    problems: tuple[Diagnostic, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "out": str(self.out),
            "exit_code": int(self.code),
            "record": self.record and self.record.model_dump(mode="json"),
            "diagnostics": [problem.to_json() for problem in self.problems],
        }


def run_all(recipes: Sequence[Recipe], asked: Asked) -> int:
    """Run every variant into OUT/LABEL; one that fails doesn't keep the others from running.

    Gives the worst exit code.
    """
    from recipec.run.output import check_parent

    name = recipes[0].spec.name
    folder = asked.out if asked.out is not None else Path("runs") / name
    check_parent(folder)
    outcomes = []
    for number, recipe in enumerate(recipes, 1):
        if not asked.quiet and asked.form == "text":
            head = f"variant {number} of {len(recipes)}: {recipe.variant}"
            click.echo(click.style(head, bold=True), err=True)
        outcomes.append(_run(recipe, folder / str(recipe.variant), asked))
    _compare(f"{name}: {len(outcomes)} variants", outcomes, folder)
    if asked.form == "json":
        told = {"name": name, "variants": [outcome.to_json() for outcome in outcomes]}
        click.echo(json.dumps(told, indent=1, ensure_ascii=False))
    elif not asked.quiet:
        click.echo()
        for line in table(_COLUMNS, map(_row, outcomes), left=(0, 1, len(_COLUMNS) - 1)):
            click.echo(line)
        click.echo(f"reports: {folder}/VARIANT/report.html")
        click.echo(f"all variants in one: {folder}/report.html")
    return worst([outcome.code for outcome in outcomes])


def _compare(title: str, outcomes: Sequence[_Outcome], folder: Path) -> None:
    """Leave a report of all variants beside their folders."""
    from recipec.compiler import render_runs
    from recipec.report import Run
    from recipec.run.whole import write_asked

    runs = [
        Run(
            outcome.label,
            outcome.record,
            None if outcome.record is None else f"{outcome.label}/report.html",
            outcome.problems[0].message if outcome.problems else None,
        )
        for outcome in outcomes
    ]
    try:
        pages = render_runs(title, runs)
    except UsageError as problem:  # of a user's templates; what ran isn't lost by them
        show([found._replace(severity=Severity.WARNING) for found in problem.diagnostics])
        pages = render_runs(title, runs, templates=())
    for name, text in pages.items():
        write_asked(folder / name, text)


def _run(recipe: Recipe, out: Path, asked: Asked) -> _Outcome:
    """Run one variant. It is planned now: what the others have made is reused, and plans of a
    thousand variants needn't be in memory together."""
    from recipec.cli.execute import carry_out, judged

    quiet, label = asked.quiet or asked.form == "json", str(recipe.variant)
    try:
        (compilation,) = each_variant([recipe], asked)
        record = carry_out(compilation, out, quiet=quiet)
    except RecipecError as problem:
        if asked.form != "json":
            show(problem.diagnostics)
        return _Outcome(label, out, int(problem.exit_code), problems=problem.diagnostics)
    except Exception as problem:  # a bug of recipec's in one variant shall not cost the others
        return _Outcome(label, out, report_problem(problem, sys.argv[1:]))
    return _Outcome(label, out, judged(record, strict=asked.strict, quiet=asked.quiet), record)


_METRICS = {
    "parameters": "parameters",
    "disk": "size.disk",
    "accuracy": "accuracy",
    "p50 (batch 1)": "latency.p50@batch=1",
}
_COLUMNS = ("variant", "result", *_METRICS, "gates")
_RESULTS = {ExitCode.DONE: "done", ExitCode.GATE: "gate failed", ExitCode.STAGE: "failed"}


def _row(outcome: _Outcome) -> tuple[str, ...]:
    record = outcome.record
    result = _RESULTS.get(ExitCode(outcome.code), "error")
    if record is None:
        return (outcome.label, result, *(NOTHING for _ in _METRICS), NOTHING)
    last = record.stage(record.outputs[-1].stage)
    verdicts = [gate.verdict for gate in record.gates]
    gates = ", ".join(f"{verdicts.count(one)} {one}" for one in dict.fromkeys(verdicts))
    metrics = (cell(last, name) for name in _METRICS.values())
    return (outcome.label, result, *metrics, gates or NOTHING)
