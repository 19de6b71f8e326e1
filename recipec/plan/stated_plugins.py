"""Hold the plugins that a recipe states against those that are installed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from recipec.diagnostics import Diagnostic
from recipec.plan.planning import Planning
from recipec.recipe.needed_plugin import PluginNeed, as_need
from recipec.recipe.suggest import nearest_name
from recipec.recipe.version_bounds import within
from recipec.registry import PluginInfo
from recipec.registry.selection import spelt
from recipec.source import Path


def stated_plugins(planning: Planning) -> Mapping[str, str]:
    """Give what each stated plugin is here, and what the recipe asks of it: `recipec-acme 1.3
    (>=1.2,<2)`."""
    found = {}
    for name, stated in planning.recipe.spec.plugins.items():
        bounds, plugin = as_need(stated).version, planning.catalog.plugin(name)
        if plugin is not None:
            asked = f" ({bounds})" if bounds else ""
            found[name] = f"{plugin.distribution} {plugin.version}{asked}"
    return found


def plugin_problems(planning: Planning) -> Iterator[tuple[str, Diagnostic]]:
    """Say which stated plugins can't be used, and why, each with its name."""
    for name, stated in planning.recipe.spec.plugins.items():
        need, plugin = as_need(stated), planning.catalog.plugin(name)
        at: Path = ("plugins", name)
        if plugin is None:
            yield name, _not_installed(name, need, planning, at)
        elif found := _unusable(name, plugin, need, planning, at):
            yield name, found


def not_in_use(plugin: PluginInfo) -> tuple[str, str]:
    """Say why a plugin that is installed offers nothing, and what to do about it."""
    if plugin.blocked:
        hint = f"let it in: take {plugin.name} out of RECIPEC_BLOCK_PLUGINS"
        if "only" in plugin.blocked:
            hint = f"let it in: add {plugin.name} to --only-plugins"
        return f"plugin {plugin.name!r} is installed, and {plugin.blocked}", hint
    hint = f"`recipec plugins doctor` says what mends it; `recipec plugins show {plugin.name} -v`"
    said = f"plugin {plugin.name!r} of {plugin.distribution} {plugin.version}"
    return f"{said} failed to load: {plugin.failure}", f"{hint} shows more"


def _not_installed(name: str, need: PluginNeed, planning: Planning, at: Path) -> Diagnostic:
    known = {plugin.name for plugin in planning.catalog.plugins}
    near = nearest_name(name, known) if need.package is None else None
    command = _install(need.package or f"recipec-{name.replace('_', '-')}", need)
    hint = f"did you mean {near!r}? Otherwise: {command}" if near else command
    message = f"the recipe needs plugin {name!r}, which isn't installed"
    return planning.recipe.error("missing-plugin", message, at, hint)


def _unusable(
    name: str, plugin: PluginInfo, need: PluginNeed, planning: Planning, at: Path
) -> Diagnostic | None:
    """Say why an installed plugin isn't what the recipe needs, None when it is."""
    recipe = planning.recipe
    here = f"{plugin.distribution} {plugin.version}"
    if not plugin.loaded:
        message, hint = not_in_use(plugin)
        return recipe.error("failed-plugin", message, at, hint)
    if need.package and spelt(need.package) != spelt(plugin.distribution):
        message = f"the recipe needs plugin {name!r} of {need.package}, and that of {here} is there"
        hint = f"pip uninstall {plugin.distribution}; {_install(need.package, need)}"
        return recipe.error("missing-plugin", message, (*at, "package"), hint)
    if need.version and not _fits(plugin.version, need.version):
        message = f"the recipe needs {name} {need.version}, and {here} is installed"
        hint = _install(plugin.distribution, need)
        return recipe.error("wrong-plugin-version", message, (*at, "version"), hint)
    return None


def _fits(version: str, bounds: str) -> bool:
    try:
        return within(version, bounds)
    except ValueError:  # a version that isn't one, or none: it is shown in the message
        return False


def _install(package: str, need: PluginNeed) -> str:
    return f"pip install '{package}{need.version}'" if need.version else f"pip install {package}"
