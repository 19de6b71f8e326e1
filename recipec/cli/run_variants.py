"""Run the variants of a recipe in turn, each into a folder of its own, and compare them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from recipec.cli.problems import report_problem, show
from recipec.cli.variants import Asked, each_variant, worst
from recipec.diagnostics import Diagnostic, ExitCode, RecipecError

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
    name = recipes[0].spec.name
    folder = asked.out if asked.out is not None else Path("runs") / name
    outcomes = []
    for number, recipe in enumerate(recipes, 1):
        if not asked.quiet and asked.form == "text":
            head = f"variant {number} of {len(recipes)}: {recipe.variant}"
            click.echo(click.style(head, bold=True), err=True)
        outcomes.append(_run(recipe, folder / str(recipe.variant), asked))
    if asked.form == "json":
        told = {"name": name, "variants": [outcome.to_json() for outcome in outcomes]}
        click.echo(json.dumps(told, indent=1, ensure_ascii=False))
    elif not asked.quiet:
        click.echo()
        for number, line in enumerate(_table(outcomes)):
            click.echo(click.style(line, bold=True) if number == 0 else line)
        click.echo(f"reports: {folder}/VARIANT/report.html")
    return worst([outcome.code for outcome in outcomes])


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


_COLUMNS = ("variant", "result", "parameters", "disk", "accuracy", "p50 (batch 1)", "gates")
_RESULTS = {ExitCode.DONE: "done", ExitCode.GATE: "gate failed", ExitCode.STAGE: "failed"}


def _table(outcomes: Sequence[_Outcome]) -> Iterator[str]:
    """Give a line for each variant; a column that nobody has a number for is left out."""
    rows = [_COLUMNS, *map(_row, outcomes)]
    kept = [i for i, cells in enumerate(zip(*rows[1:], strict=True)) if set(cells) != {"–"}]
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    for row in rows:
        cells = [f"{row[i]:{'>' if 1 < i < len(row) - 1 else '<'}{widths[i]}}" for i in kept]
        yield "  ".join(cells).rstrip()


def _row(outcome: _Outcome) -> tuple[str, ...]:
    record = outcome.record
    result = _RESULTS.get(ExitCode(outcome.code), "error")
    if record is None:
        return (outcome.label, result, "–", "–", "–", "–", "–")
    last = record.stage(record.outputs[-1].stage)

    def value(name: str, form: str, scale: float = 1.0) -> str:
        metric = last.metric(name)
        return "–" if metric is None else form.format(metric.value * scale)

    verdicts = [gate.verdict for gate in record.gates]
    gates = ", ".join(f"{verdicts.count(one)} {one}" for one in dict.fromkeys(verdicts))
    return (
        outcome.label,
        result,
        value("parameters", "{:,.0f}"),
        value("size.disk", "{:,.0f} B"),
        value("accuracy", "{:.2f} %", 100),
        value("latency.p50@batch=1", "{:.3f} ms", 1000),
        gates or "–",
    )
