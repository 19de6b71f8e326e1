"""`recipec lock`: write down the versions and digests that a recipe is fine with."""

from __future__ import annotations

from pathlib import Path

import click

from recipec.cli.options import DEBUG, QUIET, STORE, recipe_options
from recipec.diagnostics import ExitCode


@click.command("lock", short_help="Lock versions, data and code of a recipe.")
@recipe_options
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="The lock's file (default: RECIPE with the ending .lock.json).",
)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when the lock isn't up to date.")
@STORE
@QUIET
@DEBUG
def command(
    recipe: Path,
    presets: tuple[str, ...],
    variants: tuple[str, ...],
    settings: tuple[str, ...],
    out: Path | None,
    check: bool,
    store: Path | None,
    quiet: bool,
    debug: bool,
) -> int:
    """Write RECIPE's lock: versions of recipec, plugins and packages, digests of data and code.

    `recipec compile --locked` refuses what isn't as the lock says. Of a recipe with a matrix, what
    all variants use is locked.
    """
    from recipec.compiler import compile_variants, load_variants
    from recipec.reviewing import check_recipe_lock, lock_recipe

    loaded = load_variants(recipe, settings, presets, variants)
    compilations = compile_variants(loaded, store=store)
    path = (check_recipe_lock if check else lock_recipe)(*compilations, path=out)
    if not quiet:
        click.echo(f"{path} is up to date" if check else str(path))
    return ExitCode.DONE
