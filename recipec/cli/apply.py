"""`recipec apply`: run a plan that was reviewed, if it still holds."""

from __future__ import annotations

from pathlib import Path

import click

from recipec.cli.options import (
    DEBUG,
    DETAILED,
    ONLY_PLUGINS,
    QUIET,
    STORE,
    TEMPLATES,
    format_option,
)
from recipec.diagnostics import ExitCode


@click.command("apply", short_help="Run a plan that was reviewed, if it still holds.")
@click.argument("plan", type=click.Path(path_type=Path))
@click.option(
    "--dry-run", is_flag=True, help="See whether the plan holds, and show it; run nothing."
)
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Where the run goes (default: runs/NAME)."
)
@click.option(
    "--recipe",
    type=click.Path(path_type=Path),
    help="Where the recipe is now (default: where it was, seen from the plan's file).",
)
@STORE
@click.option("--strict", is_flag=True, help="Exit 5 also when a gate is inconclusive.")
@ONLY_PLUGINS
@TEMPLATES
@DETAILED
@format_option("the plan or the result is")
@QUIET
@DEBUG
def command(
    plan: Path,
    dry_run: bool,
    out: Path | None,
    recipe: Path | None,
    store: Path | None,
    strict: bool,
    detailed: bool,
    form: str,
    quiet: bool,
    debug: bool,
) -> int:
    """Run PLAN, a file of `recipec compile --plan-out`.

    The recipe is compiled again and compared with what was reviewed: when anything that the plan
    names has changed, nothing runs, and the command exits 1.
    """
    from recipec.cli.review import changes_code, print_plan, runnable
    from recipec.reviewing import apply_plan

    if detailed and not dry_run:
        raise click.UsageError("--detailed-exitcode goes with --dry-run")
    reviewed = apply_plan(plan, recipe=recipe, store=store)
    compilation = reviewed.compilation
    if not quiet:
        from recipec.cli.problems import show

        show(reviewed.notes)
    if dry_run:
        if not quiet:
            print_plan(compilation, form)
        return runnable(compilation) or (changes_code(compilation) if detailed else ExitCode.DONE)
    from recipec.cli.execute import execute

    if not quiet and form == "text":
        click.echo(f"{plan} holds: nothing it names has changed since the review", err=True)
    return execute(compilation, out, strict=strict, form=form, quiet=quiet)
