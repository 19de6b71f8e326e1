"""`recipec compile` of a recipe with a matrix: its variants are reviewed, or run in turn."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
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
    review = _Review(recipes, asked)
    for compilation in each_variant(recipes, asked):
        review.add(compilation)
    if not asked.dry_run:
        if review.refused:
            raise RecipeError(review.refused)
        from recipec.cli.run_variants import run_all

        return run_all(recipes, asked)
    if not asked.quiet:
        review.show()
    if review.refused:
        return refuse(tuple(review.refused))
    if review.blocked:
        show(review.blocked)
        return ExitCode.STAGE
    return review.code if asked.detailed else ExitCode.DONE


def each_variant(recipes: Sequence[Recipe], asked: Asked) -> Iterator[Compilation]:
    """Compile variants one by one. Raises RecipeError in the end, with what is wrong in any."""
    if asked.locked:
        from recipec.reviewing import compile_locked

        for recipe in recipes:
            yield compile_locked(recipe, store=asked.store, force=asked.force, until=asked.until)
        return
    from recipec.compiler import each_compiled

    yield from each_compiled(recipes, store=asked.store, force=asked.force, until=asked.until)


def worst(codes: Sequence[int]) -> int:
    """Give the worst of several exit codes."""
    return max(codes, key=lambda code: _WORST.index(ExitCode(code)), default=ExitCode.DONE)


class _Review:
    """What is to be shown of all variants. Only of a few the plans are kept."""

    def __init__(self, recipes: Sequence[Recipe], asked: Asked) -> None:
        from recipec.plan.text.variants import VariantsText

        self.asked = asked
        self.name = recipes[0].spec.name
        self.in_full = len(recipes) <= IN_FULL
        self.overview = VariantsText(self.name)
        self.compilations: list[Compilation] = []
        self.labels: list[str] = []
        self.plans: list[str] = []
        self.warnings: dict[Diagnostic, None] = {}
        self.refused: dict[Diagnostic, None] = {}
        self.blocked: dict[Diagnostic, None] = {}
        self.code: int = ExitCode.DONE

    def add(self, compilation: Compilation) -> None:
        """Take a variant into account."""
        self.refused |= dict.fromkeys(denied(compilation, self.asked.deny))
        if not self.asked.dry_run:
            return
        label = str(compilation.planning.recipe.variant)
        self.labels.append(label)
        self.overview.add(label, compilation.plan)
        self.blocked |= dict.fromkeys(compilation.blocked)
        self.warnings |= dict.fromkeys(compilation.plan.diagnostics)
        self.code = worst([self.code, changes_code(compilation)])
        if self.asked.form == "json":
            self.plans.append(compilation.plan.model_dump_json())
        elif self.in_full:
            self.compilations.append(compilation)

    def show(self) -> None:
        """Print the overview, and the plans or the warnings in them."""
        if self.asked.form == "json":
            click.echo(self._json())
            return
        from recipec.cli.terminal import page

        shown = page()
        click.echo(self.overview.text(shown), nl=False, color=shown.colour)
        for compilation in self.compilations:
            click.echo()
            print_plan(compilation, "text")
        if not self.in_full:
            for warning in self.warnings:
                click.echo(f"\n{diagnostic_text(warning)}")
            click.echo(f"\nthe plan of one of them: --variant {self.labels[0]}")

    def _json(self) -> str:
        work = self.overview.work
        variants = ",\n".join(
            f'{{"label": {json.dumps(label)}, "plan": {plan}}}'
            for label, plan in zip(self.labels, self.plans, strict=True)
        )
        return (
            f'{{"name": {json.dumps(self.name)}, "stages": {work.stages},\n'
            f'"distinct_stages": {work.count()}, "variants": [\n{variants}\n]}}'
        )
