"""A plugin as data, and the lines about it that several commands print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from recipec.registry.location import location

if TYPE_CHECKING:
    from recipec.api import Operator
    from recipec.plan import Machine
    from recipec.registry import Catalog, PluginInfo


def described(plugin: PluginInfo, catalog: Catalog, machine: Machine) -> dict[str, Any]:
    """Give all that is known of a plugin, as JSON has it."""
    where = location(plugin.module, plugin.distribution)
    return {
        "name": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "module": plugin.module,
        "location": None if where.path is None else str(where.path),
        "editable": where.editable,
        "api": plugin.api,
        "failure": plugin.failure,
        "cause": plugin.cause,
        "traceback": plugin.traceback,
        "blocked": plugin.blocked,
        "hooks": list(catalog.hooks_of(plugin.name)) if plugin.loaded else [],
        "told": list(plugin.told),
        "operators": [_operator(one, machine) for one in catalog.operators_of(plugin)],
        "kinds": [
            {"kind": name, "summary": _first_line(catalog.kinds[name])}
            for name, owner in catalog.kinds_by.items()
            if owner == plugin.name and plugin.loaded
        ],
        "capabilities": [
            {"name": name, "summary": catalog.capabilities[name].summary, **_probed(name, machine)}
            for name, owner in catalog.capabilities_by.items()
            if owner == plugin.name and plugin.loaded
        ],
        "lints": [
            {"code": lint.code, "summary": lint.summary} for lint in catalog.lints_of(plugin)
        ],
    }


def origin(plugin: PluginInfo) -> str:
    """Say what brought a plugin: `recipec-acme 1.2 (recipec_acme)`."""
    return f"{plugin.distribution} {plugin.version} ({plugin.module})"


def status(plugin: PluginInfo) -> str | None:
    """Say that a plugin isn't in use, and why; None for one that is."""
    if plugin.failure:
        return click.style(f"  failed to load: {plugin.failure}", fg="red")
    if plugin.blocked:
        return click.style(f"  {plugin.blocked}", fg="yellow")
    return None


def _operator(operator: type[Operator[Any]], machine: Machine) -> dict[str, Any]:
    schema = operator.params.model_json_schema(by_alias=True)
    missing = filter(None, map(machine.missing, operator.requires))
    return {
        "id": operator.id,
        "version": operator.version,
        "summary": operator.summary,
        "requires": [requirement.spec for requirement in operator.requires],
        "missing": list(missing),
        "inputs": {name: port.kind.kind for name, port in operator.inputs.items()},
        "outputs": {name: port.kind.kind for name, port in operator.outputs.items()},
        "parameters": [
            {
                "name": name,
                "required": name in schema.get("required", ()),
                "default": field.get("default"),
                "description": field.get("description", ""),
            }
            for name, field in schema.get("properties", {}).items()
        ],
    }


def _probed(name: str, machine: Machine) -> dict[str, Any]:
    """Say whether this machine has a capability; its probe is a plugin's code."""
    version = machine.version(name)
    faults = [one.message for one in machine.faults.get(name, ())]
    problem = "; ".join(faults) or None
    return {"here": version is not None, "version": version or None, "problem": problem}


def _first_line(kind: type[Any]) -> str:
    return next(iter((kind.__doc__ or "").strip().splitlines()), "")
