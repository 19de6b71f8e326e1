"""`recipec validate`: check a recipe's text, names and parameters."""

from __future__ import annotations

import json
from pathlib import Path

import click

from recipec.diagnostics import ExitCode


@click.command("validate", short_help="Check a recipe without planning it.")
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Set a variable or any value."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How problems are printed.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
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
