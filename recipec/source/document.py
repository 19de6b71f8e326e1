"""What a text is read into: plain values, with the place of each one."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from recipec.source.span import Span

Key: TypeAlias = str | int
Path: TypeAlias = tuple[Key, ...]
Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"


class DocumentError(Exception):
    """The text can't be read as a document; `span` says where."""

    def __init__(self, code: str, message: str, span: Span, hint: str | None = None) -> None:
        super().__init__(f"{span}: {message}")
        self.code = code
        self.message = message
        self.span = span
        self.hint = hint


class SpanTree(NamedTuple):
    """Spans shaped like the value: one for the value, one for its key, and its children.

    `origin` says where the value came from when it isn't what is written at the span.
    """

    value: Span
    key: Span | None = None
    children: Mapping[Key, SpanTree] = MappingProxyType({})
    origin: str | None = None

    def nearest(self, path: Path) -> SpanTree:
        """Follow the path as far as it was written; a missing key points at its parent."""
        node = self
        for step in path:
            child = node.children.get(step)
            if child is None:
                break
            node = child
        return node


class Document(NamedTuple):
    """A text, its value and the places of all values in it."""

    file: str
    text: str
    value: Value
    spans: SpanTree
