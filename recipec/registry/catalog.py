"""What all plugins together offer: a frozen answer to "who offers this?"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pluggy

from recipec.api import Capability, Evaluator, Facts, Operator

if TYPE_CHECKING:
    from recipec.api import Lint


Cause = Literal["claimed", "range", "import", "offer"]
"""Why a plugin failed: its name is claimed twice, its range of `recipec.api` excludes this version,
importing it raised, or what it offers isn't right."""


class PluginInfo(NamedTuple):
    """One entry point of the group `recipec`.

    `failure` says why it offers nothing, `cause` what sort of failure it is, and `traceback` is the
    Python traceback where something was raised. `blocked` says what keeps it out on purpose. `api`
    is the range of `recipec.api` that it states. `told` is what loading it did to the process, in
    words ("changed the working directory …").
    """

    name: str
    module: str
    distribution: str
    version: str
    failure: str | None = None
    api: str | None = None
    blocked: str | None = None
    cause: Cause | None = None
    traceback: str | None = None
    told: tuple[str, ...] = ()

    @property
    def package(self) -> str:
        """The top package of its module."""
        return self.module.partition(":")[0].partition(".")[0]

    @property
    def loaded(self) -> bool:
        """Whether it is in use."""
        return self.failure is None and self.blocked is None

    @property
    def title(self) -> str:
        """Its name, and what brought it: `acme (recipec-acme 1.2)`."""
        return f"{self.name} ({self.distribution} {self.version})"


def named(name: str, info: PluginInfo | None) -> str:
    """Name a plugin and what it comes from, as in `'acme' (recipec-acme 1.2)`."""
    if info is None or info.distribution == "?":
        return repr(name)
    return f"{name!r} ({info.distribution} {info.version})"


class Offered(NamedTuple):
    """An operator and the plugin that offers it."""

    operator: type[Operator[Any]]
    plugin: PluginInfo


class OfferedLint(NamedTuple):
    """A lint and the plugin that offers it."""

    lint: Lint
    plugin: PluginInfo


class Answer(NamedTuple):
    """What one plugin returned from a hook, how it failed, and what it did besides that it
    shouldn't (in sentences that name it)."""

    plugin: str
    items: tuple[Any, ...] = ()
    failure: str | None = None
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalog:
    """Plugins that were found, and what they offer by name.

    `kinds_by` and `capabilities_by` name the plugin that offers each; the built-in kinds are
    nobody's.
    """

    plugins: tuple[PluginInfo, ...]
    operators: Mapping[str, Offered]
    kinds: Mapping[str, type[Facts]]
    capabilities: Mapping[str, Capability]
    hooks: pluggy.PluginManager = field(repr=False)
    lints: Mapping[str, OfferedLint] = field(default_factory=dict)
    kinds_by: Mapping[str, str] = field(default_factory=dict)
    capabilities_by: Mapping[str, str] = field(default_factory=dict)

    def plugin(self, name: str) -> PluginInfo | None:
        """Give the plugin of a name, None when none is installed.

        Of several that claim the name, which then all failed, it is the first.
        """
        found = [plugin for plugin in self.plugins if plugin.name == name]
        return min(found, key=lambda plugin: plugin.blocked is not None, default=None)

    def operators_of(self, plugin: PluginInfo) -> tuple[type[Operator[Any]], ...]:
        """Give the operators that a plugin offers."""
        by_name = (one for one in self.operators.values() if one.plugin.name == plugin.name)
        return tuple(one.operator for one in by_name) if plugin.loaded else ()

    def lints_of(self, plugin: PluginInfo) -> tuple[Lint, ...]:
        """Give the lints that a plugin offers."""
        by_name = (one for one in self.lints.values() if one.plugin.name == plugin.name)
        return tuple(one.lint for one in by_name) if plugin.loaded else ()

    def hooks_of(self, name: str) -> tuple[str, ...]:
        """Give the hooks that a plugin implements."""
        plugin = self.hooks.get_plugin(name)
        callers = self.hooks.get_hookcallers(plugin) if plugin is not None else None
        return tuple(sorted(caller.name for caller in callers or ()))

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
        """Call a hook of each plugin by itself, within walls: one that raises, hangs or answers
        something else doesn't keep others from theirs."""
        implementations = getattr(self.hooks.hook, hook).get_hookimpls()
        if not implementations:  # as of most hooks: then the walls needn't be imported
            return
        from recipec.registry.asking import Asked, ask_hook
        from recipec.walls import walled

        for implementation in implementations:
            wanted = {name: arguments[name] for name in implementation.argnames}
            name, plugin = implementation.plugin_name, implementation.plugin
            asked = Asked(hook, implementation.function, name, self.plugin(name), plugin)
            with walled() as within:
                answer = ask_hook(asked, wanted, within)
            yield answer

    def facts(self, data: Mapping[str, Any]) -> Facts:
        """Read facts from JSON. Raises KeyError on a kind that nobody offers."""
        return self.kinds[data["kind"]].from_json(dict(data))
