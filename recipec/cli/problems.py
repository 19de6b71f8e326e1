"""How the command line reports what went wrong: as text with carets, or as JSON."""

from __future__ import annotations

import json
import os
import tempfile
import traceback
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import click

from recipec.diagnostics import Diagnostic, ExitCode, RecipecError, Severity

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "blue"}


def diagnostic_text(diagnostic: Diagnostic) -> str:
    """Write a diagnostic: place, message, the line with a caret, origin and hint."""
    severity = diagnostic.severity
    label = click.style(f"{severity.value}[{diagnostic.code}]", fg=_COLOURS[severity], bold=True)
    where = f"{diagnostic.span}: " if diagnostic.span else ""
    lines = [f"{where}{label}: {_one_line(diagnostic.message)}"]
    if diagnostic.span and (excerpt := diagnostic.span.excerpt()):
        lines.append(excerpt)
    if diagnostic.origin:
        lines.append(f"  note: the value comes {diagnostic.origin}")
    if diagnostic.hint:
        lines.append(f"  hint: {diagnostic.hint}")
    if severity is Severity.WARNING:
        lines.append(f"  more: recipec explain {diagnostic.code}")
    return "\n".join(lines)


def _one_line(text: str) -> str:
    """Keep messages of libraries readable: at most a dozen lines, indented below the first."""
    lines = text.strip().splitlines() or [""]
    kept = lines[:12] + (["…"] if len(lines) > 12 else [])
    return "\n  ".join(kept)


def show(diagnostics: Iterable[Diagnostic], as_json: bool = False) -> None:
    """Print diagnostics to standard error, or as a JSON array to standard output."""
    if as_json:
        click.echo(json.dumps({"diagnostics": [d.to_json() for d in diagnostics]}, indent=1))
        return
    for diagnostic in diagnostics:
        click.echo(diagnostic_text(diagnostic), err=True)


def report_problem(problem: Exception, arguments: list[str]) -> int:
    """Report an exception that ended a command; give the exit code."""
    if isinstance(problem, RecipecError):
        show(problem.diagnostics, "--format=json" in arguments or _asks_json(arguments))
        if "--debug" in arguments or os.environ.get("RECIPEC_DEBUG"):
            click.echo("".join(traceback.format_exception(problem)), err=True)
        return int(problem.exit_code)
    log = _write_log(problem, arguments)
    click.echo(
        f"recipec: this is a bug in recipec: {type(problem).__name__}: {problem}\n"
        f"  please report it with the log: {log}",
        err=True,
    )
    return int(ExitCode.BUG)


def _asks_json(arguments: list[str]) -> bool:
    return any(one == "--format" and other == "json" for one, other in pairwise(arguments))


def _write_log(problem: Exception, arguments: list[str]) -> Path:
    handle, name = tempfile.mkstemp(prefix="recipec-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"recipec {' '.join(arguments)}\n\n")
        file.write("".join(traceback.format_exception(problem)))
    return Path(name)
