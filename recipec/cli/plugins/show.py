"""`recipec plugins show`: where a plugin comes from, and all that it offers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import click

from recipec.cli.options import ONLY_PLUGINS, format_option
from recipec.diagnostics import ExitCode


@click.command("show", short_help="Show one plugin: where it comes from, and all that it offers.")
@click.argument("name")
@format_option("what is known is")
@click.option("-v", "--verbose", is_flag=True, help="Show the traceback of what failed to load.")
@ONLY_PLUGINS
def command(name: str, form: str, verbose: bool) -> int:
    """Show the plugin NAME, or those of the distribution NAME."""
    from recipec.api.version import API_VERSION
    from recipec.cli.plugins.described import described
    from recipec.cli.plugins.named import plugins_named
    from recipec.plan import machine_of
    from recipec.registry import discover

    catalog = discover()
    machine = machine_of(catalog)
    found = [described(plugin, catalog, machine) for plugin in plugins_named(name, catalog)]
    if form == "json":
        click.echo(json.dumps({"api": API_VERSION, "plugins": found}, indent=1))
        return ExitCode.DONE
    for number, plugin in enumerate(found):
        if number:
            click.echo()
        for line in _lines(plugin, verbose):
            click.echo(line)
    return ExitCode.DONE


def _lines(plugin: Mapping[str, Any], verbose: bool) -> Iterator[str]:
    from recipec.api.version import API_VERSION

    name = click.style(plugin["name"], bold=True)
    yield f"{name}  {plugin['distribution']} {plugin['version']}"
    how = ", editable" if plugin["editable"] else ""
    yield f"  module        {plugin['module']}"
    yield f"  location      {plugin['location'] or 'not found'}{how}"
    yield f"  recipec.api   {plugin['api'] or 'no range stated'} (here {API_VERSION})"
    if plugin["failure"]:
        yield click.style(f"  failed to load: {plugin['failure']}", fg="red")
        if plugin["traceback"] and verbose:
            yield from (f"    {line}" for line in plugin["traceback"].rstrip().splitlines())
        elif plugin["traceback"]:
            yield "    -v shows the traceback"
    if plugin["blocked"]:
        yield click.style(f"  {plugin['blocked']}", fg="yellow")
    if plugin["hooks"]:
        yield f"  hooks         {', '.join(plugin['hooks'])}"
    for title, lines in (
        ("operators", [line for one in plugin["operators"] for line in _operator(one)]),
        ("kinds", [f"{one['kind']}  {one['summary']}" for one in plugin["kinds"]]),
        ("capabilities", [_capability(one) for one in plugin["capabilities"]]),
        ("lints", [f"{one['code']}  {one['summary']}" for one in plugin["lints"]]),
    ):
        if lines:
            yield click.style(f"  {title}", bold=True)
            yield from (f"    {line}" for line in lines)


def _operator(operator: Mapping[str, Any]) -> Iterator[str]:
    yield f"{operator['id']}@{operator['version']}  {operator['summary']}"
    kinds = (", ".join(operator[side].values()) or "nothing" for side in ("inputs", "outputs"))
    yield f"  {' → '.join(kinds)}"
    for spec in operator["requires"]:
        yield f"  needs {spec.removeprefix('python:')}"
    for missing in operator["missing"]:
        yield click.style(f"  can't run here: {missing}", fg="yellow")
    width = max((len(one["name"]) for one in operator["parameters"]), default=0)
    for one in operator["parameters"]:
        default = "required" if one["required"] else json.dumps(one["default"], ensure_ascii=False)
        yield f"  {one['name']:<{width}}  {default}; {one['description']}"


def _capability(one: Mapping[str, Any]) -> str:
    here = f"here{' ' + one['version'] if one['version'] else ''}" if one["here"] else "not here"
    told = one["problem"] if one["problem"] else here
    return f"{one['name']}  {one['summary']}: {told}"
