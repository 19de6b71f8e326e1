"""`recipec plugins list`: what is installed, what it offers, and what failed to load."""

from __future__ import annotations

import json

import click

from recipec.cli.options import ONLY_PLUGINS, format_option
from recipec.diagnostics import ExitCode


@click.command("list", short_help="List plugins and what they offer.")
@format_option("the list is")
@ONLY_PLUGINS
def command(form: str) -> int:
    """List plugins: where each came from, its operators, and why one offers nothing."""
    print_list(form)
    return ExitCode.DONE


def print_list(form: str) -> None:
    """Print all plugins as text or JSON."""
    from recipec.cli.plugins.described import described, origin, status
    from recipec.plan import machine_of
    from recipec.registry import discover

    catalog = discover()
    if form == "json":
        machine = machine_of(catalog)
        listed = [described(plugin, catalog, machine) for plugin in catalog.plugins]
        click.echo(json.dumps({"plugins": listed}, indent=1))
        return
    for plugin in catalog.plugins:
        click.echo(f"{click.style(plugin.name, bold=True)}  {origin(plugin)}")
        if said := status(plugin):
            click.echo(said)
        for operator in catalog.operators_of(plugin):
            click.echo(f"  {operator.id}@{operator.version:<3} {operator.summary}")
        for lint in catalog.lints_of(plugin):
            click.echo(f"  {lint.code}  lint: {lint.summary}")
