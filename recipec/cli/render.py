"""`recipec render`: the resolved recipe, with the origin of every value."""

from __future__ import annotations

import json
from pathlib import Path

import click

from recipec.cli.options import DEBUG, recipe_options
from recipec.diagnostics import ExitCode


@click.command("render", short_help="Print the resolved recipe, and where each value came from.")
@recipe_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["yaml", "json"]),
    default="yaml",
    show_default=True,
    help="As a recipe with comments, or as data.",
)
@click.option(
    "--defaults/--no-defaults",
    default=True,
    show_default=True,
    help="Write out what the recipe leaves to defaults.",
)
@DEBUG
def command(
    recipe: Path,
    presets: tuple[str, ...],
    variants: tuple[str, ...],
    settings: tuple[str, ...],
    form: str,
    defaults: bool,
    debug: bool,
) -> int:
    """Print what RECIPE means: a recipe that extends nothing, and compiles to the same plan.

    The comments say where each value came from. Relative paths start in RECIPE's folder.
    """
    from recipec.cli.chosen import one_recipe
    from recipec.compiler import resolve_recipe

    resolved = resolve_recipe(one_recipe(recipe, settings, presets, variants), defaults=defaults)
    if form == "json":
        click.echo(json.dumps(resolved.to_json(), indent=1, ensure_ascii=False))
    else:
        click.echo(resolved.to_yaml(), nl=False)
    return ExitCode.DONE
