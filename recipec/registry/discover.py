"""Find plugins by their entry points, one by one, and keep what went wrong with each.

Not pluggy's `load_setuptools_entrypoints`: with it one broken plugin takes the tool down, and of
two plugins with one name the second is skipped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

import pluggy

from recipec.api import Capability, Evaluator, Facts, Operator, hookspecs
from recipec.api.artifacts import BUILT_IN_KINDS
from recipec.registry.catalog import Catalog, Offered, OfferedLint, PluginInfo
from recipec.registry.distributions import name_and_version

if TYPE_CHECKING:
    from recipec.api import Lint


class PluginRejected(Exception):
    """A plugin offers something that it must not."""


def discover(points: Iterable[EntryPoint] | None = None) -> Catalog:
    """Load all installed plugins (or those of `points`). Never raises for a plugin's sake."""
    found = entry_points(group=hookspecs.PROJECT) if points is None else points
    catalog = _Building()
    claims: dict[str, list[EntryPoint]] = {}
    for point in sorted(found, key=lambda p: (p.name, p.value)):
        claims.setdefault(point.name, []).append(point)
    for claimants in claims.values():
        # The same distribution can be seen twice (a checkout's metadata beside an installed one).
        distinct = {(p.value, catalog.distribution(p)): p for p in claimants}
        if len(distinct) > 1:
            owners = " and ".join(sorted(catalog.distribution(p)[0] for p in distinct.values()))
            for point in distinct.values():
                catalog.refuse(point, f"the name {point.name!r} is claimed by {owners}; remove one")
        else:
            catalog.load(claimants[0])
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
        self._distributions: dict[int, tuple[str, str]] = {}

    def distribution(self, point: EntryPoint) -> tuple[str, str]:
        """Give the name and version of an entry point's distribution; its metadata is read once."""
        if point.dist is None:
            return "?", "?"
        if id(point.dist) not in self._distributions:
            self._distributions[id(point.dist)] = name_and_version(point.dist)
        return self._distributions[id(point.dist)]

    def refuse(self, point: EntryPoint, reason: str) -> None:
        self.plugins.append(PluginInfo(point.name, point.value, *self.distribution(point), reason))

    def load(self, point: EntryPoint) -> None:
        info = PluginInfo(point.name, point.value, *self.distribution(point))
        try:
            plugin = point.load()
            self.hooks.register(plugin, name=point.name)
            self.hooks.check_pending()
            self._offer(plugin, info)
        except Exception as problem:  # whatever a broken plugin raises, the others go on
            if self.hooks.has_plugin(point.name):
                self.hooks.unregister(name=point.name)
            self.refuse(point, _reason(problem))
        else:
            self.plugins.append(info)

    def _offer(self, plugin: object, info: PluginInfo) -> None:
        """Take over what one plugin offers: all of it, or nothing when something is wrong."""
        operators: dict[str, Offered] = {}
        for offered in self._ask(plugin, "recipec_operators"):
            operator = _checked(offered, info.name)
            if operator.id in operators:
                raise PluginRejected(f"it offers {operator.id!r} twice")
            operators[operator.id] = Offered(operator, info)
        families = _families(operators.values()) & _families(self.operators.values())
        for taken in families:
            raise PluginRejected(f"the metric {taken!r} is offered by another plugin already")
        kinds = {}
        for kind in self._ask(plugin, "recipec_artifact_kinds"):
            if "kind" not in vars(kind):
                raise PluginRejected(f"{kind.__qualname__} has no `kind` of its own")
            kinds[kind.kind] = kind
        capabilities = {c.name: c for c in self._ask(plugin, "recipec_capabilities")}
        for taken in (kinds.keys() & self.kinds.keys()) | (
            capabilities.keys() & self.capabilities.keys()
        ):
            raise PluginRejected(f"{taken!r} is offered by another plugin already")
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


def _families(offered: Iterable[Offered]) -> set[str]:
    return {
        family.name
        for one in offered
        if issubclass(one.operator, Evaluator)
        for family in one.operator.families
    }


def _reason(problem: Exception) -> str:
    if isinstance(problem, PluginRejected):
        return str(problem)
    return f"{type(problem).__name__}: {problem}"
