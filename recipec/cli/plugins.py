"""`recipec plugins`: what is installed, what it offers, and what failed to load."""

from __future__ import annotations

import json

import click

from recipec.cli.options import format_option
from recipec.diagnostics import ExitCode


@click.command("plugins", short_help="List plugins and what they offer.")
@format_option("the list is")
def command(form: str) -> int:
    """List plugins: where each came from, its operators, and why one offers nothing."""
    from recipec.registry import discover

    catalog = discover()
    listed = [
        {
            "name": plugin.name,
            "distribution": plugin.distribution,
            "version": plugin.version,
            "module": plugin.module,
            "failure": plugin.failure,
            "operators": [
                {
                    "id": id,
                    "version": offered.operator.version,
                    "summary": offered.operator.summary,
                    "requires": [requirement.spec for requirement in offered.operator.requires],
                }
                for id, offered in catalog.operators.items()
                if offered.plugin == plugin
            ],
            "lints": [
                {"code": code, "summary": offered.lint.summary}
                for code, offered in catalog.lints.items()
                if offered.plugin == plugin
            ],
        }
        for plugin in catalog.plugins
    ]
    if form == "json":
        click.echo(json.dumps({"plugins": listed}, indent=1))
        return ExitCode.DONE
    for plugin in catalog.plugins:
        title = click.style(plugin.name, bold=True)
        click.echo(f"{title}  {plugin.distribution} {plugin.version} ({plugin.module})")
        if plugin.failure:
            click.echo(click.style(f"  failed to load: {plugin.failure}", fg="red"))
        for id, offered in catalog.operators.items():
            if offered.plugin == plugin:
                click.echo(f"  {id}@{offered.operator.version:<3} {offered.operator.summary}")
        for code, found in catalog.lints.items():
            if found.plugin == plugin:
                click.echo(f"  {code}  lint: {found.lint.summary}")
    return ExitCode.DONE
