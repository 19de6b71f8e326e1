"""What is wrong with the installed plugins, each with the command that mends it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from importlib.metadata import distributions
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from recipec.plan import Machine
    from recipec.registry import Catalog, PluginInfo


class Trouble(NamedTuple):
    """One thing that is wrong (`broken`), or only worth knowing; `mend` is what to do about it."""

    about: str
    broken: bool
    message: str
    mend: str | None = None


def troubles(catalog: Catalog, machine: Machine) -> Iterator[Trouble]:
    """Find all that is wrong, plugin by plugin, then what is true of all of them."""
    from recipec.cli.plugins.unmet import unmet_dependencies

    for plugin in catalog.plugins:
        if plugin.failure:
            yield Trouble(plugin.title, True, plugin.failure, _mend(plugin, catalog))
        elif plugin.blocked:
            yield Trouble(plugin.title, False, plugin.blocked)
        elif plugin.api is None:
            message = "it doesn't say which versions of recipec.api it is written for"
            yield Trouble(plugin.title, False, message, f"in {plugin.module}: {_range_line()}")
        for told in plugin.told:
            yield Trouble(plugin.title, False, told, f"pip install --upgrade {plugin.distribution}")
    brought = sorted({p.distribution for p in catalog.plugins if p.blocked is None} | {"recipec"})
    for name in brought:
        for message, mend in unmet_dependencies(name):
            yield Trouble(name, True, message, mend)
        yield from _shadowed(name)
    yield from _probes(catalog, machine)
    yield from _pages(catalog)
    yield from _not_here(catalog, machine)
    yield from _blocks_nothing(catalog)


def _range_line() -> str:
    from recipec.api.version import API_VERSION

    major = API_VERSION.partition(".")[0]
    return f'RECIPEC_API = ">={API_VERSION},<{int(major) + 1}"'


def _mend(plugin: PluginInfo, catalog: Catalog) -> str:
    """Give the command that mends a plugin that failed."""
    from recipec.registry.api_range import wants_newer

    upgrade = f"pip install --upgrade {plugin.distribution}"
    if plugin.cause == "claimed":
        others = {p.distribution for p in catalog.plugins if p.name == plugin.name}
        removable = sorted(others - {"recipec"}) or sorted(others)
        return " or ".join(f"pip uninstall {name}" for name in removable)
    if plugin.cause == "range" and plugin.api is not None and wants_newer(plugin.api):
        return "pip install --upgrade recipec"
    if plugin.cause == "range":
        return upgrade
    if plugin.traceback:
        look = f"recipec plugins show {plugin.name} -v"
        return f"{upgrade} (the traceback: {look}), or pip uninstall {plugin.distribution}"
    return f"{upgrade}, or pip uninstall {plugin.distribution}"


def _shadowed(name: str) -> Iterator[Trouble]:
    """Find versions of a distribution that another one, earlier on the path, hides."""
    if name == "?":
        return
    versions = list(dict.fromkeys(found.version for found in distributions(name=name)))
    if len(versions) > 1:
        hidden = ", ".join(versions[1:])
        message = f"{name} {versions[0]} hides {name} {hidden}, installed in another folder too"
        yield Trouble(name, True, message, f"pip uninstall {name}, until it finds none; install it")


def _probes(catalog: Catalog, machine: Machine) -> Iterator[Trouble]:
    for name, owner in catalog.capabilities_by.items():
        machine.version(name)
        plugin = catalog.plugin(owner)
        title, distribution = (plugin.title, plugin.distribution) if plugin else (owner, owner)
        for fault in machine.faults.get(name, ()):
            mend = f"pip install --upgrade {distribution}"
            yield Trouble(title, fault.code == "probe-failed", fault.message, mend)


def _pages(catalog: Catalog) -> Iterator[Trouble]:
    """Find lints whose page isn't there: usually a file that a wheel left out."""
    from recipec.explanations import page_of

    for code, offered in catalog.lints.items():
        try:
            page_of(offered.lint)
        except (OSError, ImportError, ValueError) as problem:
            message = f"the page of its lint {code} can't be read: {problem}"
            upgrade = f"pip install --upgrade {offered.plugin.distribution}"
            yield Trouble(offered.plugin.title, True, message, upgrade)


def _not_here(catalog: Catalog, machine: Machine) -> Iterator[Trouble]:
    """Say what this machine lacks for some operators: it isn't broken, only smaller."""
    lacking: dict[str, tuple[list[str], str | None]] = {}
    for id, offered in catalog.operators.items():
        for requirement in offered.operator.requires:
            if missing := machine.missing(requirement):
                mend = requirement.install or _pip(requirement.package, requirement.bounds)
                said = missing.removesuffix(f" ({requirement.install})")
                lacking.setdefault(said, ([], mend))[0].append(id)
    for missing, (ids, mend) in lacking.items():
        yield Trouble(_some(ids), False, f"can't run here: {missing}", mend)


def _pip(package: str | None, bounds: str) -> str | None:
    if package is None:
        return None
    return f"pip install '{package}{bounds}'" if bounds else f"pip install {package}"


def _some(ids: Iterable[str]) -> str:
    first, *others = ids
    return f"{first} and {len(others)} more" if len(others) > 2 else ", ".join((first, *others))


def _blocks_nothing(catalog: Catalog) -> Iterator[Trouble]:
    from recipec.registry.selection import BLOCK, names, spelt

    known = {spelt(n) for p in catalog.plugins for n in (p.name, p.distribution)}
    for name in names(os.environ.get(BLOCK, "")):
        if name not in known:
            message = f"it names {name!r}, and no plugin or distribution is called so"
            yield Trouble(BLOCK, False, message, "see `recipec plugins` for their names")
