"""`recipec compile` of a recipe with a matrix: its variants are reviewed, or run in turn."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from recipec.cli.deny import denied, refuse
from recipec.cli.problems import diagnostic_text, show
from recipec.cli.review import changes_code, print_plan
from recipec.diagnostics import Diagnostic, ExitCode, RecipeError

if TYPE_CHECKING:
    from recipec.compiler import Compilation
    from recipec.recipe import Recipe

IN_FULL: Final = 4
"""Of so many variants a dry run shows each plan, of more the table alone."""
_WORST: Final = (
    ExitCode.DONE,
    ExitCode.CHANGES,
    ExitCode.GATE,
    ExitCode.STAGE,
    ExitCode.USAGE,
    ExitCode.RECIPE,
    ExitCode.BUG,
)
"""Exit codes from the best to the worst."""


class Asked(NamedTuple):
    """What the command line asks for; see `recipec compile --help`."""

    out: Path | None
    store: Path | None
    force: tuple[str, ...]
    until: str | None
    locked: bool
    deny: tuple[str, ...]
    dry_run: bool
    detailed: bool
    strict: bool
    form: str
    quiet: bool


def compile_all(recipes: Sequence[Recipe], asked: Asked) -> int:
    """Plan all variants, and show the plans or run them; give the worst exit code."""
    compilations = _compiled(recipes, asked)
    refused: dict[Diagnostic, None] = {}
    for compilation in compilations:
        refused |= dict.fromkeys(denied(compilation, asked.deny))
    if not asked.dry_run:
        if refused:
            raise RecipeError(refused)
        from recipec.cli.run_variants import run_all

        return run_all(compilations, asked)
    if not asked.quiet:
        _show(compilations, asked.form)
    if refused:
        return refuse(tuple(refused))
    blocked = dict.fromkeys(d for compilation in compilations for d in compilation.blocked)
    if blocked:  # told once, in however many variants it is
        show(blocked)
        return ExitCode.STAGE
    if not asked.detailed:
        return ExitCode.DONE
    return worst([changes_code(compilation) for compilation in compilations])


def worst(codes: Sequence[int]) -> int:
    """Give the worst of several exit codes."""
    return max(codes, key=lambda code: _WORST.index(ExitCode(code)), default=ExitCode.DONE)


def label(compilation: Compilation) -> str:
    """Give the label of a compiled variant."""
    recipe = compilation.planning.recipe
    return recipe.variant or recipe.spec.name


def _compiled(recipes: Sequence[Recipe], asked: Asked) -> tuple[Compilation, ...]:
    if asked.locked:
        from recipec.reviewing import compile_locked

        return tuple(
            compile_locked(recipe, store=asked.store, force=asked.force, until=asked.until)
            for recipe in recipes
        )
    from recipec.compiler import compile_variants

    return compile_variants(recipes, store=asked.store, force=asked.force, until=asked.until)


def _show(compilations: Sequence[Compilation], form: str) -> None:
    plans = [(label(compilation), compilation.plan) for compilation in compilations]
    name = compilations[0].planning.recipe.spec.name
    if form == "json":
        from recipec.plan.shared import distinct_nodes

        shown = {
            "name": name,
            "variants": [
                {"label": label, "plan": plan.model_dump(mode="json")} for label, plan in plans
            ],
            "nodes": sum(len(plan.nodes) for _, plan in plans),
            "distinct_nodes": len(distinct_nodes(plan for _, plan in plans)),
        }
        click.echo(json.dumps(shown, indent=1, ensure_ascii=False))
        return
    from recipec.cli.terminal import page
    from recipec.plan.text.variants import variants_text

    shown_page = page()
    click.echo(variants_text(name, plans, shown_page), nl=False, color=shown_page.colour)
    if len(compilations) > IN_FULL:
        for warning in dict.fromkeys(d for _, plan in plans for d in plan.diagnostics):
            click.echo(f"\n{diagnostic_text(warning)}")
        click.echo(f"\nthe plan of one of them: --variant {plans[0][0]}")
        return
    for compilation in compilations:
        click.echo()
        print_plan(compilation, form)
