"""`recipec plugins check`: the contract of every plugin, on one that is installed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from recipec.cli.options import format_option
from recipec.diagnostics import ExitCode, UsageError, error

if TYPE_CHECKING:
    from recipec.testing.check import Checked

NEEDED = ("pytest", "jsonschema")
"""What the testing kit needs beside recipec."""


@click.command("check", short_help="Check a plugin by the contract that all must hold to.")
@click.argument("package", metavar="PACKAGE")
@format_option("what was checked is")
@click.option("--no-suite", is_flag=True, help="Leave out the contract suites that it ships.")
@click.option("-v", "--verbose", is_flag=True, help="List also the checks that passed.")
def command(package: str, form: str, no_suite: bool, verbose: bool) -> int:
    """Check the installed plugin PACKAGE: its name (acme) or its distribution's (recipec-acme).

    What it offers is checked from the outside, and the contract suites that its package ships are
    run. Exits with 1 when a check fails.
    """
    _have_kit()
    from recipec.cli.plugins.named import plugins_named
    from recipec.registry import discover
    from recipec.testing.check import check_plugin

    names = dict.fromkeys(plugin.name for plugin in plugins_named(package, discover()))
    found = [one for name in names for one in check_plugin(name, suite=not no_suite)]
    failed = sum(one.status == "failed" for one in found)
    code = ExitCode.RECIPE if failed else ExitCode.DONE
    if form == "json":
        listed = [one._asdict() for one in found]
        click.echo(json.dumps({"failed": failed, "checks": listed}, indent=1))
        return code
    for one in found:
        if verbose or one.status != "passed":
            _print(one)
    counts = {s: sum(one.status == s for one in found) for s in ("passed", "failed", "skipped")}
    said = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    click.echo(f"{', '.join(names)}: {said or 'nothing to check'}")
    return code


def _have_kit() -> None:
    from importlib.util import find_spec

    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        message = f"checking a plugin needs {' and '.join(missing)}"
        hint = f"pip install {' '.join(missing)}"
        raise UsageError(error("check-needs", message, hint=hint))


def _print(one: Checked) -> None:
    colour = {"passed": "green", "failed": "red", "skipped": "yellow"}[one.status]
    label = click.style(one.status, fg=colour, bold=True)
    first, *others = one.message.splitlines() or [""]
    click.echo(f"{label}: {one.subject}: {one.check}{': ' + first if first else ''}")
    for line in others:
        click.echo(f"  {line}")
    if one.hint:
        click.echo(f"  hint: {one.hint}")
