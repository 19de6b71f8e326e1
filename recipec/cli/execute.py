"""Run a compiled recipe, and tell how it went."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from recipec.diagnostics import Diagnostic, ExitCode, Severity

if TYPE_CHECKING:
    from recipec.compiler import Compilation


def execute(
    compilation: Compilation, out: Path | None, *, strict: bool, form: str, quiet: bool
) -> int:
    """Run, print the result, and give the exit code: 5 when a gate fails."""
    from recipec.cli.display import Display
    from recipec.cli.problems import show
    from recipec.compiler import run_plan

    folder = out if out is not None else Path("runs") / compilation.plan.name
    if not quiet:
        show(compilation.plan.diagnostics)
    with Display(compilation.plan, quiet=quiet or form == "json") as display:
        record = run_plan(compilation, folder, display)
    undecided = [gate for gate in record.gates if gate.verdict == "inconclusive"]
    failed = [gate for gate in record.gates if gate.verdict == "fail"]
    if form == "json":
        click.echo(record.model_dump_json(indent=1))
    elif not quiet:
        display.summary(record, folder)
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
