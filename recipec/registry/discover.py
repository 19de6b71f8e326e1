"""Find plugins by their entry points, one by one, and keep what went wrong with each.

Not pluggy's `load_setuptools_entrypoints`: with it one broken plugin takes the tool down, and of
two plugins with one name the second is skipped in silence.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

import pluggy

from recipec.api import Capability, Evaluator, Facts, Operator, hookspecs
from recipec.api.artifacts import BUILT_IN_KINDS
from recipec.registry.api_range import (
    exclusion,
    includes_this_version,
    range_in_source,
    stated_range,
)
from recipec.registry.catalog import Catalog, Cause, Offered, OfferedLint, PluginInfo
from recipec.registry.distributions import name_and_version
from recipec.registry.selection import Selection, selection
from recipec.walls import Walled, walled

if TYPE_CHECKING:
    from recipec.api import Lint


class PluginRejected(Exception):
    """A plugin offers something that it must not."""


class _Excluded(PluginRejected):
    """A plugin is written for another version of `recipec.api`."""


def discover(
    points: Iterable[EntryPoint] | None = None, selected: Selection | None = None
) -> Catalog:
    """Load all installed plugins (or those of `points`). Never raises for a plugin's sake.

    `selected` says which are kept out; left out, the environment does (`RECIPEC_BLOCK_PLUGINS`).
    """
    found = entry_points(group=hookspecs.PROJECT) if points is None else points
    chosen = selection() if selected is None else selected
    catalog = _Building()
    claims: dict[str, list[EntryPoint]] = {}
    for point in sorted(found, key=lambda p: (p.name, p.value)):
        if why := chosen.excludes(point.name, catalog.distribution(point)[0]):
            catalog.block(point, why)
        else:
            claims.setdefault(point.name, []).append(point)
    # Those that come with recipec first: what they offer can't be taken by others.
    ordered = sorted(claims.values(), key=lambda c: catalog.distribution(c[0])[0] != "recipec")
    with walled(slow=False) as within:
        for claimants in ordered:
            # The same distribution can be seen twice: a checkout's metadata, and an installed one.
            distinct = {(p.value, catalog.distribution(p)): p for p in claimants}
            if len(distinct) > 1:
                owners = " and ".join(
                    " ".join(catalog.distribution(p)) for p in sorted(distinct.values(), key=str)
                )
                for point in distinct.values():
                    reason = f"the name {point.name!r} is claimed by {owners}; remove one"
                    catalog.refuse(point, reason, "claimed")
            else:
                catalog.load(claimants[0], within)
    return catalog.freeze()


class _Building:
    """A catalog while plugins are added to it."""

    def __init__(self) -> None:
        self.hooks = pluggy.PluginManager(hookspecs.PROJECT)
        self.hooks.add_hookspecs(hookspecs)
        self.plugins: list[PluginInfo] = []
        self.operators: dict[str, Offered] = {}
        self.kinds: dict[str, type[Facts]] = {kind.kind: kind for kind in BUILT_IN_KINDS}
        self.capabilities: dict[str, Capability] = {}
        self.lints: dict[str, OfferedLint] = {}
        self.kinds_by: dict[str, str] = {}
        self.capabilities_by: dict[str, str] = {}
        self._distributions: dict[int, tuple[str, str]] = {}

    def distribution(self, point: EntryPoint) -> tuple[str, str]:
        """Give the name and version of an entry point's distribution; its metadata is read once."""
        if point.dist is None:
            return "?", "?"
        if id(point.dist) not in self._distributions:
            self._distributions[id(point.dist)] = name_and_version(point.dist)
        return self._distributions[id(point.dist)]

    def _info(self, point: EntryPoint) -> PluginInfo:
        return PluginInfo(point.name, point.value, *self.distribution(point))

    def block(self, point: EntryPoint, why: str) -> None:
        self.plugins.append(self._info(point)._replace(blocked=why))

    def refuse(self, point: EntryPoint, reason: str, cause: Cause) -> None:
        self.plugins.append(self._info(point)._replace(failure=reason, cause=cause))

    def load(self, point: EntryPoint, within: Walled) -> None:
        info, plugin = self._info(point), None
        try:
            plugin = point.load()
            info = info._replace(api=_accepted_range(plugin))
            self.hooks.register(plugin, name=point.name)
            self.hooks.check_pending()
            self._offer(plugin, info)
        # Whatever a broken plugin raises, the others go on; some call sys.exit() when imported.
        except (Exception, SystemExit) as problem:
            if self.hooks.has_plugin(point.name):
                self.hooks.unregister(name=point.name)
            info = _failed(info, problem, imported=plugin is not None)
        self.plugins.append(info._replace(told=tuple(within.look(info.package))))

    def _offer(self, plugin: object, info: PluginInfo) -> None:
        """Take over what one plugin offers: all of it, or nothing when something is wrong."""
        operators: dict[str, Offered] = {}
        for offered in self._ask(plugin, "recipec_operators"):
            operator = _checked(offered, info.name)
            if operator.id in operators:
                raise PluginRejected(f"it offers {operator.id!r} twice")
            operators[operator.id] = Offered(operator, info)
        families, others = _families(operators.values()), _families(self.operators.values())
        for taken in families.keys() & others.keys():
            raise PluginRejected(
                f"the metric {taken!r} is offered by plugin {others[taken].name!r} already"
            )
        kinds = {}
        for kind in self._ask(plugin, "recipec_artifact_kinds"):
            if "kind" not in vars(kind):
                raise PluginRejected(f"{kind.__qualname__} has no `kind` of its own")
            if kind.kind in self.kinds:
                owner = _of(self.kinds_by.get(kind.kind))
                raise PluginRejected(f"the kind {kind.kind!r} is {owner} already")
            if kind.kind.partition(".")[0] != info.name:
                raise PluginRejected(
                    f"the kind {kind.kind!r} is outside the plugin's namespace; call it "
                    f"'{info.name}.…'"
                )
            kinds[kind.kind] = kind
        capabilities = {c.name: c for c in self._ask(plugin, "recipec_capabilities")}
        for taken in capabilities.keys() & self.capabilities.keys():
            owner = _of(self.capabilities_by[taken])
            raise PluginRejected(f"the capability {taken!r} is {owner} already")
        lints: dict[str, OfferedLint] = {}
        for offered in self._ask(plugin, "recipec_lints"):
            lint = _checked_lint(offered, info.name)
            if lint.code in lints:
                raise PluginRejected(f"it offers the lint {lint.code!r} twice")
            lints[lint.code] = OfferedLint(lint, info)
        self.operators |= operators
        self.kinds |= kinds
        self.capabilities |= capabilities
        self.lints |= lints
        self.kinds_by |= dict.fromkeys(kinds, info.name)
        self.capabilities_by |= dict.fromkeys(capabilities, info.name)

    def _ask(self, plugin: object, hook: str) -> list[Any]:
        others = [other for other in self.hooks.get_plugins() if other is not plugin]
        offers = self.hooks.subset_hook_caller(hook, others)()
        return [item for offer in offers for item in offer]

    def freeze(self) -> Catalog:
        return Catalog(
            tuple(sorted(self.plugins, key=lambda p: (p.name, p.distribution))),
            dict(sorted(self.operators.items())),
            self.kinds,
            self.capabilities,
            self.hooks,
            dict(sorted(self.lints.items())),
            self.kinds_by,
            self.capabilities_by,
        )


def _checked(operator: Any, plugin: str) -> type[Operator[Any]]:
    if not (isinstance(operator, type) and issubclass(operator, Operator)):
        raise PluginRejected(f"{operator!r} is not an Operator class")
    missing = [n for n in ("id", "version", "summary") if not hasattr(operator, n)]
    if missing:
        raise PluginRejected(f"{operator.__qualname__} has no {missing[0]!r}")
    if operator.id.partition(".")[0] != plugin:
        raise PluginRejected(
            f"{operator.id!r} is outside the plugin's namespace; call it '{plugin}.…'"
        )
    return operator


def _checked_lint(lint: Any, plugin: str) -> Lint:
    from recipec.api import Lint

    if not isinstance(lint, Lint):
        raise PluginRejected(f"{lint!r} is not a Lint")
    if not re.fullmatch(rf"{plugin}\.[a-z][a-z0-9]*(-[a-z0-9]+)*", lint.code):
        raise PluginRejected(
            f"the code {lint.code!r} is not the plugin's name, a dot, and words in kebab case, "
            f"as in '{plugin}.too-large'"
        )
    return lint


def _families(offered: Iterable[Offered]) -> dict[str, PluginInfo]:
    return {
        family.name: one.plugin
        for one in offered
        if issubclass(one.operator, Evaluator)
        for family in one.operator.families
    }


def _of(plugin: str | None) -> str:
    return "built in" if plugin is None else f"offered by plugin {plugin!r}"


def _accepted_range(plugin: object) -> str | None:
    """Give the range of `recipec.api` that a plugin states. Raises when it excludes this one."""
    stated = stated_range(plugin)
    if stated is not None and not includes_this_version(stated):
        raise _Excluded(exclusion(stated))
    return stated


def _failed(info: PluginInfo, problem: BaseException, *, imported: bool) -> PluginInfo:
    """Say of a plugin how it failed; what is raised becomes text, with its traceback."""
    if isinstance(problem, _Excluded):
        return info._replace(failure=str(problem), cause="range")
    if isinstance(problem, PluginRejected):
        return info._replace(failure=str(problem), cause="offer")
    if not imported and (stated := range_in_source(info.module)):
        info = info._replace(api=stated)
        with contextlib.suppress(ValueError):  # a range that can't be read is not why it failed
            if not includes_this_version(stated):
                return info._replace(failure=exclusion(stated), cause="range")
    import traceback  # only needed once something is wrong

    text = "".join(traceback.format_exception(problem))
    reason = f"{type(problem).__name__}: {problem}"
    cause: Cause = "offer" if imported else "import"
    return info._replace(failure=reason, cause=cause, traceback=text)
