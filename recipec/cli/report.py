"""`recipec report`: render a run's report again."""

from __future__ import annotations

from pathlib import Path

import click

from recipec.cli.options import QUIET
from recipec.diagnostics import ExitCode


@click.command("report", short_help="Render the report of a run again.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Where to write (default: into RUN)."
)
@QUIET
def command(run: Path, out: Path | None, quiet: bool) -> int:
    """Render report.html and report.md of RUN, a run's folder or its run.json."""
    from recipec.compiler import read_record, render_report
    from recipec.run.whole import write_asked

    record = read_record(run)
    folder = out if out is not None else (run if run.is_dir() else run.parent)
    for name, text in render_report(record).items():
        write_asked(folder / name, text)
        if not quiet:
            click.echo(str(folder / name))
    return ExitCode.DONE
