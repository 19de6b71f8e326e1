"""What all plugins together offer: a frozen answer to "who offers this?"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import pluggy

from recipec.api import Capability, Evaluator, Facts, Operator

if TYPE_CHECKING:
    from recipec.api import Lint


class PluginInfo(NamedTuple):
    """One entry point of the group `recipec`. `failure` says why it offers nothing."""

    name: str
    module: str
    distribution: str
    version: str
    failure: str | None = None


class Offered(NamedTuple):
    """An operator and the plugin that offers it."""

    operator: type[Operator[Any]]
    plugin: PluginInfo


class OfferedLint(NamedTuple):
    """A lint and the plugin that offers it."""

    lint: Lint
    plugin: PluginInfo


class Answer(NamedTuple):
    """What one plugin returned from a hook, or how it failed."""

    plugin: str
    items: tuple[Any, ...] = ()
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Catalog:
    """Plugins that were found, and what they offer by name."""

    plugins: tuple[PluginInfo, ...]
    operators: Mapping[str, Offered]
    kinds: Mapping[str, type[Facts]]
    capabilities: Mapping[str, Capability]
    hooks: pluggy.PluginManager = field(repr=False)
    lints: Mapping[str, OfferedLint] = field(default_factory=dict)

    @property
    def failures(self) -> tuple[PluginInfo, ...]:
        return tuple(plugin for plugin in self.plugins if plugin.failure)

    def operator(self, id: str) -> type[Operator[Any]]:
        """Give the operator with this id. Raises KeyError."""
        return self.operators[id].operator

    def evaluators(self) -> Mapping[str, type[Evaluator[Any]]]:
        """Give the evaluator that offers each metric family."""
        return {
            family.name: offered.operator
            for offered in self.operators.values()
            if issubclass(offered.operator, Evaluator)
            for family in offered.operator.families
        }

    def ask(self, hook: str, **arguments: Any) -> Iterator[Answer]:
        """Call a hook of each plugin by itself: one that raises doesn't keep others from theirs."""
        for implementation in getattr(self.hooks.hook, hook).get_hookimpls():
            wanted = {name: arguments[name] for name in implementation.argnames}
            name = implementation.plugin_name
            try:
                items = implementation.function(**wanted)
                yield Answer(name, () if items is None else tuple(items))
            except Exception as problem:  # whatever a plugin raises is told, and is its own
                failure = f"{hook} of plugin {name!r} raised {type(problem).__name__}: {problem}"
                yield Answer(name, failure=failure)

    def facts(self, data: Mapping[str, Any]) -> Facts:
        """Read facts from JSON. Raises KeyError on a kind that nobody offers."""
        return self.kinds[data["kind"]].from_json(dict(data))
