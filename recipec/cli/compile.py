"""`recipec compile`: plan a recipe and run it, or show the plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recipec.cli.options import DEBUG, QUIET, STORE, format_option, recipe_options
from recipec.diagnostics import ExitCode

if TYPE_CHECKING:
    from recipec.plan import Plan


@click.command("compile", short_help="Compile a recipe and run it, or show its plan.")
@recipe_options
@click.option("--dry-run", is_flag=True, help="Show the plan; run nothing.")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Where the run goes (default: runs/NAME)."
)
@STORE
@click.option(
    "--force",
    multiple=True,
    metavar="STAGE",
    help="Run this stage again even if it could be reused.",
)
@click.option("--until", metavar="STAGE", help="Run only this stage and what it needs.")
@click.option("--strict", is_flag=True, help="Exit 5 also when a gate is inconclusive.")
@format_option("the plan or the result is")
@click.option(
    "--print-after",
    metavar="PASS",
    help="Show the plan as JSON after bind, measure, select, infer, check, key, reuse or advise.",
)
@QUIET
@DEBUG
def command(
    recipe: Path,
    dry_run: bool,
    out: Path | None,
    store: Path | None,
    settings: tuple[str, ...],
    force: tuple[str, ...],
    until: str | None,
    strict: bool,
    form: str,
    print_after: str | None,
    quiet: bool,
    debug: bool,
) -> int:
    """Compile RECIPE to a plan and run it; with --dry-run, show the plan for review."""
    from recipec.compiler import compile_recipe, load_recipe

    try:
        compilation = compile_recipe(
            load_recipe(recipe, settings),
            store=store,
            force=force,
            until=until,
            observe=_stop_after(print_after) if print_after else None,
        )
    except _Stop as stop:
        click.echo(stop.plan.model_dump_json(indent=1))
        return ExitCode.DONE
    if dry_run:
        from recipec.cli.review import print_plan, runnable

        if not quiet:
            print_plan(compilation, form)
        return runnable(compilation)
    from recipec.cli.execute import execute

    return execute(compilation, out, strict=strict, form=form, quiet=quiet)


class _Stop(Exception):
    """The pass that `--print-after` names is done."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan


def _stop_after(name: str) -> Callable[[str, Plan], None]:
    from recipec.plan import PASSES

    names = ("bind", *PASSES)
    if name not in names:
        raise click.BadParameter(f"{name!r} is none of {', '.join(names)}")

    def observe(done: str, plan: Plan) -> None:
        if done == name:
            raise _Stop(plan)

    return observe
