"""`recipec plugins doctor`: what is wrong with the installation, and what mends it."""

from __future__ import annotations

import json

import click

from recipec.cli.options import ONLY_PLUGINS, format_option
from recipec.diagnostics import ExitCode


@click.command("doctor", short_help="Say what is wrong with the installed plugins.")
@format_option("what is found is")
@ONLY_PLUGINS
def command(form: str) -> int:
    """Say what is wrong with the installed plugins, each with the command that mends it.

    Exits with 1 when something is broken. What this machine lacks for some operators, and plugins
    that are blocked on purpose, are told and aren't broken.
    """
    from recipec.cli.plugins.troubles import troubles
    from recipec.plan import machine_of
    from recipec.registry import discover

    catalog = discover()
    found = sorted(troubles(catalog, machine_of(catalog)), key=lambda t: not t.broken)
    broken = sum(trouble.broken for trouble in found)
    code = ExitCode.RECIPE if broken else ExitCode.DONE
    if form == "json":
        listed = [trouble._asdict() for trouble in found]
        click.echo(json.dumps({"broken": broken, "troubles": listed}, indent=1))
        return code
    for trouble in found:
        colour, label = ("red", "broken") if trouble.broken else ("yellow", "note")
        label = click.style(label, fg=colour, bold=True)
        click.echo(f"{label}: {trouble.about}: {trouble.message}")
        if trouble.mend:
            click.echo(f"  {trouble.mend}")
    loaded = sum(plugin.loaded for plugin in catalog.plugins)
    said = f"{broken} broken" if broken else "nothing is broken"
    click.echo(f"{loaded} of {len(catalog.plugins)} plugins loaded; {said}")
    return code
