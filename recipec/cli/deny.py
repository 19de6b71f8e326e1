"""`--deny`: warnings that shall count as errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from recipec.diagnostics import Diagnostic, ExitCode, Severity, UsageError, error

if TYPE_CHECKING:
    from recipec.compiler import Compilation

ALL = "all"
DENY = click.option(
    "--deny",
    multiple=True,
    metavar="CODE",
    help=f"Exit 1 when the plan has this warning; `{ALL}` for any. Silenced ones don't count.",
)


def denied(compilation: Compilation, codes: tuple[str, ...]) -> tuple[Diagnostic, ...]:
    """Give the plan's warnings that are denied, as errors. Raises UsageError on unknown codes."""
    if not codes:
        return ()
    from recipec.explanations import pages
    from recipec.plan.lints import lints_of

    known = {ALL, *(page.code for page in pages(lints_of(compilation.planning.catalog)))}
    for code in codes:
        if code not in known:
            from recipec.recipe import suggestion

            hint = suggestion(code, known, close=True) or "`recipec explain` lists all codes"
            raise UsageError(error("unknown-code", f"--deny: there is no code {code!r}", hint=hint))
    return tuple(
        diagnostic._replace(severity=Severity.ERROR)
        for diagnostic in compilation.plan.diagnostics
        if ALL in codes or diagnostic.code in codes
    )


def refuse(diagnostics: tuple[Diagnostic, ...]) -> int:
    """Tell what is denied, below the plan, and give the exit code."""
    from recipec.cli.problems import show

    show(diagnostics)
    return ExitCode.RECIPE
