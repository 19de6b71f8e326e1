"""`recipec validate`: check a recipe's text, names and parameters."""

from __future__ import annotations

import json
from pathlib import Path

import click

from recipec.cli.options import QUIET, format_option, recipe_options
from recipec.diagnostics import ExitCode


@click.command("validate", short_help="Check a recipe without planning it.")
@recipe_options
@format_option("problems are")
@QUIET
def command(recipe: Path, settings: tuple[str, ...], form: str, quiet: bool) -> int:
    """Check RECIPE: its YAML, keys, operators, parameters, names, and how stages fit together."""
    from recipec.compiler import load_recipe, validate_recipe

    loaded = load_recipe(recipe, settings)
    stages = validate_recipe(loaded)
    if form == "json":
        click.echo(json.dumps({"diagnostics": []}))
    elif not quiet:
        click.echo(f"{recipe}: {loaded.spec.name} is valid, {stages} stages")
    return ExitCode.DONE
