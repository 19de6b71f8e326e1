"""Ask hooks and lints, within walls: they have their time, and answers are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from recipec.registry.answers import problem_with
from recipec.registry.catalog import Answer, PluginInfo, named
from recipec.walls import Walled
from recipec.walls.limited import Late, limited

OBSERVERS: Final = frozenset(
    {"recipec_stage_started", "recipec_stage_finished", "recipec_run_finished"}
)
"""Hooks whose answer is nothing: who watches mustn't keep the run waiting."""
PATIENCE: Final = 60.0
"""Seconds that the other hooks have: they look through whole plans and records."""


class Asked(NamedTuple):
    """Whom to ask, and what: a hook, or the code of a lint. `caller` tells plugins apart."""

    what: str
    function: Callable[..., Any]
    plugin: str
    info: PluginInfo | None
    caller: object

    @property
    def who(self) -> str:
        return f"{self.what} of plugin {named(self.plugin, self.info)}"

    @property
    def package(self) -> str:
        return "" if self.info is None else self.info.package


def ask_hook(asked: Asked, arguments: Mapping[str, Any], within: Walled) -> Answer:
    """Ask a hook, which has its time."""
    observes = asked.what in OBSERVERS

    def call() -> tuple[Any, ...]:
        answer = asked.function(**arguments)
        return () if observes else _listed(answer)

    def in_time() -> tuple[Any, ...]:
        seconds = None if observes else PATIENCE
        answer: tuple[Any, ...] = limited(
            call, caller=asked.caller, what=asked.what, seconds=seconds
        )
        return answer

    return _answer(asked, in_time, asked.what, within)


def ask_lint(asked: Asked, view: Any, within: Walled) -> Answer:
    """Ask a lint for its findings in a plan."""
    return _answer(asked, lambda: _listed(asked.function(view)), "recipec_check_plan", within)


def _answer(
    asked: Asked, call: Callable[[], tuple[Any, ...]], checked_as: str, within: Walled
) -> Answer:
    items: tuple[Any, ...] = ()
    failure = None
    try:
        items = call()
    except Late as problem:
        failure = f"{asked.who} {problem}"
    except (Exception, SystemExit) as problem:  # a plugin may raise anything: it is told
        failure = f"{asked.who} raised {type(problem).__name__}: {problem}"
    right = []
    for item in items:
        if wrong := problem_with(checked_as, item):
            failure = failure or f"{asked.who} {wrong}"
        else:
            right.append(item)
    told = tuple(f"{asked.who} {what}" for what in within.look(asked.package))
    return Answer(asked.plugin, tuple(right), failure, told)


def _listed(answer: Iterable[Any] | None) -> tuple[Any, ...]:
    if isinstance(answer, str | bytes | Mapping):  # whose items would be letters, or keys
        raise TypeError(f"it returned a {type(answer).__name__}, not a list")
    return () if answer is None else tuple(answer)
