"""`recipec report`: render a run's report again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from recipec.cli.options import QUIET, TEMPLATES
from recipec.diagnostics import ExitCode


@click.command("report", short_help="Render the report of a run again.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Where to write (default: into RUN)."
)
@TEMPLATES
@QUIET
def command(run: Path, out: Path | None, quiet: bool) -> int:
    """Render report.html and report.md of RUN, a run's folder or its run.json.

    Of a folder with the variants of a recipe, the report of all of them is rendered.
    """
    from recipec.compiler import read_record, render_report
    from recipec.run.whole import write_asked

    variants = list(_variants(run))
    pages = _compared(run, variants) if variants else render_report(read_record(run))
    folder = out if out is not None else (run if run.is_dir() else run.parent)
    for name, text in pages.items():
        write_asked(folder / name, text)
        if not quiet:
            click.echo(str(folder / name))
    return ExitCode.DONE


def _variants(folder: Path) -> Iterator[Path]:
    """Give the runs in a folder that is no run itself."""
    from recipec.run.output import RECORD

    if folder.is_dir() and not (folder / RECORD).exists():
        yield from sorted(path.parent for path in folder.glob(f"*/{RECORD}"))


def _compared(folder: Path, variants: list[Path]) -> dict[str, str]:
    from recipec.compiler import read_record, render_runs
    from recipec.report import Run

    runs = [Run(v.name, read_record(v), f"{v.name}/report.html") for v in variants]
    return render_runs(f"{folder.resolve().name}: {len(runs)} variants", runs)
