"""`recipec compile`: plan a recipe and run it, or show the plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recipec.cli.deny import DENY, denied, refuse
from recipec.cli.options import (
    DEBUG,
    DETAILED,
    QUIET,
    STORE,
    TEMPLATES,
    format_option,
    recipe_options,
)
from recipec.diagnostics import ExitCode, RecipeError

if TYPE_CHECKING:
    from recipec.plan import Plan


@click.command("compile", short_help="Compile a recipe and run it, or show its plan.")
@recipe_options
@click.option("--dry-run", is_flag=True, help="Show the plan; run nothing.")
@click.option(
    "--layers", is_flag=True, help="With --dry-run: what happens to each layer, not the plan."
)
@click.option(
    "--explain",
    "explained",
    metavar="STAGE",
    help="With --dry-run: what goes into this stage's key, and what changed; not the plan.",
)
@click.option(
    "--plan-out",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Save the plan for `recipec apply`; run nothing.",
)
@click.option(
    "--locked", is_flag=True, help="Refuse what isn't as RECIPE's lock says (see `recipec lock`)."
)
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
@TEMPLATES
@DENY
@DETAILED
@format_option("the plan or the result is")
@click.option(
    "--print-after",
    metavar="PASS",
    help="Show the plan as JSON after a pass: bind, measure, gates, select, infer, check, key, "
    "reuse, estimate or advise.",
)
@QUIET
@DEBUG
def command(
    recipe: Path,
    presets: tuple[str, ...],
    variants: tuple[str, ...],
    dry_run: bool,
    layers: bool,
    explained: str | None,
    plan_out: Path | None,
    locked: bool,
    out: Path | None,
    store: Path | None,
    settings: tuple[str, ...],
    force: tuple[str, ...],
    until: str | None,
    strict: bool,
    deny: tuple[str, ...],
    detailed: bool,
    form: str,
    print_after: str | None,
    quiet: bool,
    debug: bool,
) -> int:
    """Compile RECIPE to a plan and run it; with --dry-run, show the plan for review."""
    from recipec.cli.chosen import several
    from recipec.compiler import compile_recipe, load_variants

    dry_run = dry_run or plan_out is not None
    if detailed and not dry_run:
        raise click.UsageError("--detailed-exitcode goes with --dry-run")
    if (layers or explained is not None) and not dry_run:
        raise click.UsageError(f"--{'layers' if layers else 'explain'} goes with --dry-run")
    if layers and explained is not None:
        raise click.UsageError("--layers and --explain don't go together")
    if print_after is not None:
        for option, said in (("--plan-out", plan_out), ("--deny", deny), ("--locked", locked)):
            if said:
                raise click.UsageError(f"--print-after stops before {option} has its say")
    recipes = load_variants(recipe, settings, presets, variants)
    if len(recipes) > 1:
        for option, given in (
            ("--plan-out", plan_out),
            ("--print-after", print_after),
            ("--layers", layers),
            ("--explain", explained),
        ):
            if given:
                raise several(recipes, option)
        from recipec.cli.variants import Asked, compile_all

        asked = Asked(
            out, store, force, until, locked, deny, dry_run, detailed, strict, form, quiet
        )
        return compile_all(recipes, asked)
    (loaded,) = recipes
    if locked:
        from recipec.reviewing import compile_locked as compile_recipe
    try:
        compilation = compile_recipe(
            loaded,
            store=store,
            force=force,
            until=until,
            observe=_stop_after(print_after) if print_after else None,
        )
    except _Stop as stop:
        click.echo(stop.plan.model_dump_json(indent=1))
        return ExitCode.DONE
    refused = denied(compilation, deny)
    if refused and not dry_run:
        raise RecipeError(refused)
    if dry_run:
        from recipec.cli.review import changes_code, print_plan, runnable

        if not quiet or explained is not None:  # which must name a stage, also in silence
            print_plan(compilation, form, layers=layers, explained=explained, quiet=quiet)
        code = refuse(refused) if refused else runnable(compilation)
        if plan_out is not None and code == ExitCode.DONE:
            from recipec.reviewing import save_plan

            save_plan(compilation, plan_out)
            if not quiet and form == "text":
                click.echo(f"\nsaved; to run it: recipec apply {plan_out}")
        return changes_code(compilation) if detailed and code == ExitCode.DONE else code
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
