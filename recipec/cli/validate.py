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
def command(
    recipe: Path,
    presets: tuple[str, ...],
    variants: tuple[str, ...],
    settings: tuple[str, ...],
    form: str,
    quiet: bool,
) -> int:
    """Check RECIPE: its YAML, keys, operators, parameters, names, and how stages fit together.

    Of a recipe with a matrix all variants are checked, or those that --variant names.
    """
    from recipec.cli.problems import show
    from recipec.compiler import load_variants, validate_variants

    loaded = load_variants(recipe, settings, presets, variants)
    stages = validate_variants(loaded)
    warnings = dict.fromkeys(warning for one in loaded for warning in one.warnings)
    if form == "json":
        click.echo(json.dumps({"diagnostics": [warning.to_json() for warning in warnings]}))
    elif not quiet:
        show(warnings)
        several = f"{len(loaded):,} variants, " if len(loaded) > 1 else ""
        click.echo(f"{recipe}: {loaded[0].spec.name} is valid, {several}{stages} stages")
    return ExitCode.DONE
