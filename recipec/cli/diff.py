"""`recipec diff`: how two recipes, plans or runs differ."""

from __future__ import annotations

from pathlib import Path

import click

from recipec.cli.options import (
    DEBUG,
    ONLY_PLUGINS,
    PRESETS,
    QUIET,
    SETTINGS,
    STORE,
    format_option,
)
from recipec.diagnostics import ExitCode


@click.command("diff", short_help="Show how two recipes, plans or runs differ.")
@click.argument("before", metavar="A", type=click.Path(path_type=Path))
@click.argument("after", metavar="B", type=click.Path(path_type=Path))
@PRESETS
@click.option(
    "--variant",
    "variants",
    multiple=True,
    metavar="LABEL",
    help="Take this variant of the recipe with a matrix; given twice, A's and B's.",
)
@SETTINGS
@ONLY_PLUGINS
@STORE
@click.option("--detailed-exitcode", "detailed", is_flag=True, help="Exit 10 when they differ.")
@format_option("the comparison is")
@QUIET
@DEBUG
def command(
    before: Path,
    after: Path,
    presets: tuple[str, ...],
    variants: tuple[str, ...],
    settings: tuple[str, ...],
    store: Path | None,
    detailed: bool,
    form: str,
    quiet: bool,
    debug: bool,
) -> int:
    """Show how B differs from A; each is a recipe, a plan (`--plan-out`, or the `plan.json` of a
    run), or a run (its folder or `run.json`). --set, --preset and --variant are for recipes."""
    from recipec.reviewing import compare_files

    if len(variants) > 2:
        raise click.UsageError("--variant goes once, or once for each side")
    comparison = compare_files(
        before,
        after,
        settings=settings,
        presets=presets,
        variants=variants,
        store=store,
    )
    if form == "json":
        click.echo(comparison.model_dump_json(indent=1))
    elif not quiet:
        from recipec.cli.terminal import page
        from recipec.plan.diff.text import comparison_text
        from recipec.report.formats import quantity

        shown = page()
        text = comparison_text(comparison, quantity, shown)
        click.echo(text, nl=False, color=shown.colour)
    return ExitCode.CHANGES if detailed and not comparison.same else ExitCode.DONE
