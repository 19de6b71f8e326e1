"""Run a compiled recipe, and tell how it went."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from recipec.diagnostics import Diagnostic, ExitCode, Severity

if TYPE_CHECKING:
    from recipec.compiler import Compilation
    from recipec.run.record import RunRecord


def execute(
    compilation: Compilation, out: Path | None, *, strict: bool, form: str, quiet: bool
) -> int:
    """Run, print the result, and give the exit code: 5 when a gate fails."""
    from recipec.run.output import check_parent

    # A variant goes where it is when all variants run.
    named = compilation.planning.recipe.variant or ""
    folder = out / named if out is not None else Path("runs") / compilation.plan.name
    if named:
        check_parent(folder.parent)
    record = carry_out(compilation, folder, quiet=quiet, form=form)
    if form == "json":
        click.echo(record.model_dump_json(indent=1))
    return judged(record, strict=strict, quiet=quiet)


def carry_out(compilation: Compilation, out: Path, *, quiet: bool, form: str = "text") -> RunRecord:
    """Run, and show how it goes and what came out. Raises StageError, UsageError."""
    from recipec.cli.display import Display
    from recipec.cli.problems import show
    from recipec.compiler import run_plan

    if not quiet:
        show(compilation.plan.diagnostics)
    hidden = quiet or form == "json"
    with Display(compilation.plan, quiet=hidden) as display:
        record = run_plan(compilation, out, display)
    if not hidden:
        display.summary(record, out)
    return record


def judged(record: RunRecord, *, strict: bool, quiet: bool) -> int:
    """Tell which gates failed or are undecided, and give the exit code."""
    from recipec.cli.problems import show

    undecided = [gate for gate in record.gates if gate.verdict == "inconclusive"]
    failed = [gate for gate in record.gates if gate.verdict == "fail"]
    severity = Severity.ERROR if strict else Severity.WARNING
    problems = [(gate, Severity.ERROR) for gate in failed]
    if strict or not quiet:
        problems += [(gate, severity) for gate in undecided]
    show(
        Diagnostic(
            how,
            "gate",
            f"{gate.stage}: {gate.metric} {gate.required}"
            + (f" against {gate.against}" if gate.against else "")
            + f": {gate.verdict}: {gate.message}",
        )
        for gate, how in problems
    )
    return ExitCode.GATE if failed or (strict and undecided) else ExitCode.DONE
