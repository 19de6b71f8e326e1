"""Show a plan for review, and say whether it can be carried out here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from recipec.diagnostics import ExitCode

if TYPE_CHECKING:
    from recipec.compiler import Compilation


def print_plan(compilation: Compilation, form: str) -> None:
    """Print a plan as text or JSON."""
    if form == "json":
        click.echo(compilation.plan.model_dump_json(indent=1))
        return
    from recipec.plan.text import plan_text

    click.echo(plan_text(compilation.plan, compilation.planning, colour=True), nl=False)


def runnable(compilation: Compilation) -> int:
    """Give the exit code: 4, with the reason told, when a promised artifact can't be made here."""
    if compilation.runnable:
        return ExitCode.DONE
    from recipec.cli.problems import show

    show(compilation.blocked)
    return ExitCode.STAGE
