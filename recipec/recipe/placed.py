"""A value together with the place of everything in it: what composition works on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from recipec.diagnostics import Diagnostic, error
from recipec.source import Key, SpanTree, Value


class Placed(NamedTuple):
    """A value and its spans, which have the same shape (a looked-up value is one place)."""

    value: Value
    spans: SpanTree

    def at(self, key: Key) -> Placed:
        """Give what is below a key, which must be there."""
        inner: Any = self.value
        return Placed(inner[key], self.spans.children.get(key, self.spans))

    def get(self, key: str) -> Placed | None:
        """Give what is below a key of a mapping, None when it isn't there."""
        if isinstance(self.value, dict) and key in self.value:
            return self.at(key)
        return None

    def items(self) -> Iterator[tuple[str, Placed]]:
        """Give the entries of a mapping; none of anything else."""
        for name in self.value if isinstance(self.value, dict) else ():
            yield name, self.at(name)

    def entries(self) -> Iterator[Placed]:
        """Give the entries of a list; none of anything else."""
        for index in range(len(self.value)) if isinstance(self.value, list) else ():
            yield self.at(index)

    def without(self, keys: frozenset[str]) -> Placed:
        """Give a mapping without some of its keys, itself when it has none of them."""
        if not isinstance(self.value, dict) or keys.isdisjoint(self.value):
            return self
        value = {name: inner for name, inner in self.value.items() if name not in keys}
        children: dict[Key, SpanTree] = {name: self.spans.children[name] for name in value}
        return Placed(value, self.spans._replace(children=children))

    def updated(self, changed: Mapping[str, Placed]) -> Placed:
        """Give a mapping with some entries added or changed."""
        if not isinstance(self.value, dict):
            raise TypeError("only a mapping has entries by name")
        value = {**self.value, **{name: placed.value for name, placed in changed.items()}}
        places: dict[Key, SpanTree] = {name: placed.spans for name, placed in changed.items()}
        return Placed(value, self.spans._replace(children={**self.spans.children, **places}))

    def replaced(self, changed: Mapping[Key, Placed]) -> Placed:
        """Give a mapping or list with some of its entries changed."""
        value: Any = self.value.copy() if isinstance(self.value, dict | list) else self.value
        children = dict(self.spans.children)
        for key, placed in changed.items():
            value[key], children[key] = placed
        return Placed(value, self.spans._replace(children=children))

    def error(self, code: str, message: str, hint: str | None = None) -> Diagnostic:
        """Make an error about the value."""
        return error(code, message, self.spans.value, hint, self.spans.origin)

    def key_error(self, code: str, message: str, hint: str | None = None) -> Diagnostic:
        """Make an error about the key that the value stands under."""
        return error(code, message, self.spans.key or self.spans.value, hint, self.spans.origin)


def listed(entries: list[Placed], spans: SpanTree) -> Placed:
    """Make a list of entries; `spans` says where the list as a whole stands."""
    places: dict[Key, SpanTree] = {index: entry.spans for index, entry in enumerate(entries)}
    return Placed([entry.value for entry in entries], spans._replace(children=places))
