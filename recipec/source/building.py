"""From parser events to values and spans.

Not from PyYAML's node graph: nesting costs no recursion, and bounds hold while reading. The parser
is libyaml's where PyYAML has it, which is some 25 times as fast as PyYAML's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import yaml

from recipec.source.document import DocumentError, Key, SpanTree, Value
from recipec.source.scalars import plain_scalar
from recipec.source.span import Span
from recipec.source.syntax import LINE_BREAK, parsed

MAX_DEPTH: Final = 64
"""How deep values may be nested, through aliases too."""
MAX_VALUES: Final = 200_000
"""How many values a document may have once its aliases are followed: some 20,000 stages."""

_TEXT_TAGS: Final = (None, "!", "tag:yaml.org,2002:str")
_COLLECTION_TAGS: Final = (None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


@dataclass(slots=True)
class _Open:
    """A mapping or sequence whose end hasn't come yet.

    It began at `line` and `column`, counted from zero. `pending` is the key whose value comes next,
    `before` the number of values when it began, and `height` how many levels are nested in it, its
    own included.
    """

    value: dict[str, Value] | list[Value]
    spans: dict[Key, SpanTree]
    line: int
    column: int
    key: Span | None
    anchor: str | None
    before: int
    pending: tuple[str, Span] | None = None
    height: int = 1


class _Anchored(NamedTuple):
    """A value that has a name, with its number of values and of levels."""

    value: Value
    spans: SpanTree
    size: int
    height: int


class Builder:
    """Builds one document. Raises DocumentError."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.lines = LINE_BREAK.split(text)
        self.open: list[_Open] = []
        self.anchors: dict[str, _Anchored] = {}
        self.values = 0
        self.root: tuple[Value, SpanTree] | None = None

    def build(self) -> tuple[Value, SpanTree]:
        """Read all events; give the value and its spans."""
        handlers: Mapping[type[yaml.Event], Callable[[Any], None]] = {
            yaml.DocumentStartEvent: self._document,
            yaml.MappingStartEvent: self._start,
            yaml.SequenceStartEvent: self._start,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.ScalarEvent: self._scalar,
            yaml.AliasEvent: self._alias,
        }
        for event in self._events():
            handler = handlers.get(type(event))
            if handler is not None:
                handler(event)
        if self.root is None:
            raise DocumentError("empty", "the file is empty", Span(self.file, 1, 1, 1, 1))
        return self.root

    def _events(self) -> Iterator[yaml.Event]:
        return parsed(self.text, self._at)

    def _at(self, line: int, column: int, end_line: int, end_column: int) -> Span:
        """Make a span from positions that are counted from zero."""
        source = self.lines[line] if line < len(self.lines) else ""
        return Span(self.file, line + 1, column + 1, end_line + 1, end_column + 1, source)

    def _span(self, event: Any) -> Span:  # of any parser, whose events have both marks
        start, end = event.start_mark, event.end_mark
        return self._at(start.line, start.column, end.line, end.column)

    def _error(
        self, code: str, message: str, event: yaml.Event, hint: str | None = None
    ) -> DocumentError:
        return DocumentError(code, message, self._span(event), hint)

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        if self.root is not None:
            raise self._error("two-documents", "a second document begins here", event)

    def _start(self, event: Any) -> None:
        if len(self.open) >= MAX_DEPTH:
            raise self._error("too-deep", f"more than {MAX_DEPTH} levels are nested here", event)
        if event.tag not in _COLLECTION_TAGS:
            raise self._error("tag", f"the tag {event.tag!r} is not allowed", event)
        key = self._take_key(event)
        self._count(1, event)
        empty: dict[str, Value] | list[Value] = {} if type(event) is yaml.MappingStartEvent else []
        mark, before = event.start_mark, self.values - 1
        self.open.append(_Open(empty, {}, mark.line, mark.column, key, event.anchor, before))

    def _end(self, event: Any) -> None:
        done = self.open.pop()
        end = event.end_mark
        span = self._at(done.line, done.column, end.line, end.column)
        spans = SpanTree(span, done.key, done.spans)
        self._add(done.value, spans, done.height)
        if done.anchor:
            size = self.values - done.before
            self.anchors[done.anchor] = _Anchored(done.value, spans, size, done.height)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        top = self.open[-1] if self.open else None
        if top is not None and top.pending is None and type(top.value) is dict:
            top.pending = self._key(event, top)
            return
        key = self._take_key(event)
        self._count(1, event)
        value, spans = self._resolved(event), SpanTree(self._span(event), key)
        self._add(value, spans, 0)
        if event.anchor:
            self.anchors[event.anchor] = _Anchored(value, spans, 1, 0)

    @property
    def _in_list(self) -> bool:
        """Whether the innermost mapping is an entry of a list."""
        return len(self.open) > 1 and type(self.open[-2].value) is list

    def _key(self, event: yaml.ScalarEvent, mapping: _Open) -> tuple[str, Span]:
        name, span = str(event.value), self._span(event)
        if event.tag not in _TEXT_TAGS:
            raise self._error("tag", f"the tag {event.tag!r} is not allowed", event)
        if name in mapping.spans:
            first = mapping.spans[name].key or span
            raise self._error(
                "duplicate-key",
                f"{name!r} is given twice: first in line {first.line}, column {first.column}",
                event,
                "keep one of them"
                + (", or begin a new entry of the list with `- `" if self._in_list else ""),
            )
        if name == "<<" and event.implicit[0]:
            raise self._error(
                "merge-key",
                "YAML 1.2 has no merge keys",
                event,
                "write the values out; an alias (*name) stands for a whole value",
            )
        return name, span

    def _resolved(self, event: yaml.ScalarEvent) -> Value:
        if event.tag not in _TEXT_TAGS:
            raise self._error("tag", f"the tag {event.tag!r} is not allowed", event)
        if event.tag is not None or not event.implicit[0]:
            return str(event.value)
        try:
            return plain_scalar(event.value)
        except ValueError as problem:
            raise self._error("too-large", str(problem), event) from problem

    def _alias(self, event: yaml.AliasEvent) -> None:
        name = event.anchor or ""
        if any(node.anchor == name for node in self.open):
            raise self._error("recursive-alias", f"*{name} stands inside itself", event)
        known = self.anchors.get(name)
        if known is None:
            raise self._error("unknown-alias", f"there is no anchor &{name}", event)
        if self.open and type(self.open[-1].value) is dict and self.open[-1].pending is None:
            raise self._error("alias-key", "an alias can't be a key", event)
        if len(self.open) + known.height > MAX_DEPTH:
            raise self._error(
                "too-deep", f"more than {MAX_DEPTH} levels are nested in *{name}", event
            )
        key = self._take_key(event)
        self._count(known.size, event)
        spans = SpanTree(self._span(event), key, known.spans.children, known.spans.origin)
        self._add(known.value, spans, known.height)

    def _count(self, more: int, event: yaml.Event) -> None:
        self.values += more
        if self.values > MAX_VALUES:
            raise self._error(
                "too-large",
                f"the document has more than {MAX_VALUES:,} values once aliases are followed",
                event,
            )

    def _take_key(self, event: yaml.Event) -> Span | None:
        """Give the place of the key whose value begins, None in a list."""
        if not self.open or type(self.open[-1].value) is not dict:
            return None
        pending = self.open[-1].pending
        if pending is None:
            raise self._error("key", "a key must be text", event)
        return pending[1]

    def _add(self, value: Value, spans: SpanTree, height: int) -> None:
        if not self.open:
            self.root = value, spans
            return
        top = self.open[-1]
        if height >= top.height:
            top.height = height + 1
        if type(top.value) is list:
            top.spans[len(top.value)] = spans
            top.value.append(value)
        elif type(top.value) is dict and top.pending is not None:
            name, _ = top.pending
            top.value[name], top.spans[name] = value, spans
            top.pending = None
