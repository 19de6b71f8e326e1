"""Follow the look-ups everywhere in a value. What holds none is shared, not copied."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from recipec.diagnostics import Diagnostic
from recipec.recipe.lookups import LookupProblem, Names
from recipec.recipe.placed import Placed
from recipec.source import Key, SpanTree, Value


def plain_values(root: Value) -> frozenset[int]:
    """Give the identities of all mappings and lists in a value that hold no look-up.

    Variants of a recipe share most of their values, which must not be looked through for each of
    them. The identities hold as long as `root` is alive.
    """
    plain: dict[int, bool] = {}

    def look(value: Value) -> bool:
        if isinstance(value, str):
            return "${" not in value
        if not isinstance(value, dict | list):
            return True
        if id(value) not in plain:
            inner = value.values() if isinstance(value, dict) else value
            plain[id(value)] = all(list(map(look, inner)))
        return plain[id(value)]

    look(root)
    return frozenset(identity for identity, holds_none in plain.items() if holds_none)


@dataclass
class Substitution:
    """Follows look-ups; those that lead nowhere are added to `problems`.

    `plain` are the identities of values known to hold none, as `plain_values` gives them.
    """

    names: Names
    problems: list[Diagnostic]
    plain: frozenset[int] = frozenset()
    _plain: set[int] = field(default_factory=set)
    _done: dict[tuple[int, int], Placed] = field(default_factory=dict)

    def walk(self, placed: Placed) -> Placed:
        """Give the value with all look-ups followed; itself when there are none."""
        value, spans = placed
        if self._is_plain(value):
            return placed
        if isinstance(value, str):
            return self._text(value, spans)
        # An alias shares value and places with its anchor: both are walked once.
        done = self._done.get((id(value), id(spans.children)))
        if done is None:
            done = self._done[id(value), id(spans.children)] = self._container(placed)
        if done.value is value:
            self._plain.add(id(value))
            return placed
        return Placed(done.value, spans._replace(children=done.spans.children))

    def _is_plain(self, value: Value) -> bool:
        """Say whether a value is known to hold no look-up."""
        if isinstance(value, str):
            return "${" not in value
        known = id(value) in self.plain or id(value) in self._plain
        return known or not isinstance(value, dict | list) or not value

    def _container(self, placed: Placed) -> Placed:
        value = placed.value
        changed: dict[Key, Placed] = {}
        pairs: Iterable[tuple[Key, Value]] = ()
        if isinstance(value, dict | list):
            pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in pairs:
            if not self._is_plain(inner):
                before = placed.at(key)
                after = self.walk(before)
                if after is not before:
                    changed[key] = after
        return placed.replaced(changed) if changed else placed

    def _text(self, text: str, place: SpanTree) -> Placed:
        if "${" not in text.replace("$${", ""):
            return Placed(text.replace("$${", "${"), place)
        try:
            return self.names.follow(text, place)
        except LookupProblem as problem:
            if problem.diagnostic:
                self.problems.append(problem.diagnostic)
            return Placed(text, place)
