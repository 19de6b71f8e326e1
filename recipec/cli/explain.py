"""`recipec explain`: what a code in an error or a warning means, and what to do about it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection
from typing import TYPE_CHECKING

import click

from recipec.cli.options import DEBUG, format_option
from recipec.diagnostics import ExitCode, UsageError, error

if TYPE_CHECKING:
    from recipec.explanations import Page


@click.command("explain", short_help="Explain a code of an error or a warning.")
@click.argument("code", required=False)
@format_option("the page or the list is")
@DEBUG
def command(code: str | None, form: str, debug: bool) -> int:
    """Explain CODE, as it stands in brackets in an error or a warning; without CODE, list all."""
    from recipec.explanations import pages
    from recipec.plan.lints import lints_of
    from recipec.registry import discover

    known = {page.code: page for page in pages(lints_of(discover()))}
    if code is None:
        _list(known.values(), form)
        return ExitCode.DONE
    page = known.get(code.strip("[]"))
    if page is None:
        from recipec.recipe import suggestion

        hint = suggestion(code, known, "codes", close=True) or "`recipec explain` lists all codes"
        raise UsageError(error("unknown-code", f"there is no code {code!r}", hint=hint))
    _show(page, form)
    return ExitCode.DONE


def _list(pages: Collection[Page], form: str) -> None:
    if form == "json":
        listed = [{"code": p.code, "lint": p.lint, "summary": p.summary} for p in pages]
        click.echo(json.dumps({"codes": listed}, indent=1, ensure_ascii=False))
        return
    groups = {
        "lints: what a plan warns of; a recipe can silence them": [p for p in pages if p.lint],
        "errors and other messages": [p for p in pages if not p.lint],
    }
    shown = click.HelpFormatter(width=shutil.get_terminal_size().columns)
    for title, group in groups.items():
        shown.write(click.style(title, bold=True) + "\n")
        with shown.indentation():
            shown.write_dl([(page.code, page.summary) for page in group])
        shown.write_paragraph()
    shown.write("recipec explain CODE says more")
    click.echo(shown.getvalue())


def _show(page: Page, form: str) -> None:
    if form == "json":
        click.echo(json.dumps(page._asdict(), indent=1, ensure_ascii=False))
        return
    from recipec.explanations import plain

    for line, heading in plain(page.text):
        click.echo(click.style(line, bold=True) if heading else line)
