"""Read YAML into plain values that remember where they were written.

YAML 1.2 core scalars: `1e-4` is a number, `no` is a word, `010` is ten. Duplicate keys, recursive
aliases, tags and several documents in one file are refused; depth and size are bounded. Values are
built from parser events, so nesting costs no recursion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol, TypeAlias

import yaml

from recipec.source.span import Span

Key: TypeAlias = str | int
Path: TypeAlias = tuple[Key, ...]
Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"

MAX_BYTES: Final = 16 * 2**20
MAX_DEPTH: Final = 64
MAX_VALUES: Final = 2_000_000
"""How many values a document may have once its aliases are followed."""

_INT: Final = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_LINE_BREAK: Final = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_WORDS: Final[Mapping[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Mark(Protocol):
    """A position as both of PyYAML's parsers give it, counted from zero."""

    line: int
    column: int


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


@dataclass
class _Open:
    """A mapping or sequence whose end hasn't come yet."""

    value: dict[str, Value] | list[Value]
    spans: dict[Key, SpanTree]
    start: yaml.Event
    key: Span | None
    anchor: str | None
    pending: tuple[str, Span] | None = None
    size: int = 1


class _Built(NamedTuple):
    value: Value
    spans: SpanTree
    size: int


def decode(data: bytes, file: str) -> str:
    """Decode a file's bytes, which must be UTF-8 of a bounded size. Raises DocumentError."""
    start = Span(file, 1, 1, 1, 1)
    if len(data) > MAX_BYTES:
        raise DocumentError(
            "too-large", f"the file has {len(data)} bytes; {MAX_BYTES} is the limit", start
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DocumentError("encoding", "the file is UTF-16", start, "save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        column = problem.start - (data.rfind(b"\n", 0, problem.start) + 1) + 1
        raise DocumentError(
            "encoding",
            f"byte 0x{data[problem.start]:02x} is not UTF-8",
            Span(file, line, column, line, column + 1),
            "save the file as UTF-8",
        ) from problem


def read_document(text: str, file: str) -> Document:
    """Read YAML text. `file` is the name that positions carry. Raises DocumentError."""
    built = _Builder(text, file).build()
    return Document(file, text, built.value, built.spans)


class _Builder:
    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.lines = _LINE_BREAK.split(text)
        self.open: list[_Open] = []
        self.anchors: dict[str, _Built] = {}
        self.root: _Built | None = None

    def build(self) -> _Built:
        documents = 0
        for event in self._events():
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._error("two-documents", "a second document begins here", event)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                self._start(event)
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                self._end(event)
            elif isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
        if self.root is None:
            raise DocumentError("empty", "the file is empty", Span(self.file, 1, 1, 1, 1))
        return self.root

    def _events(self) -> Iterator[yaml.Event]:
        try:
            yield from yaml.parse(self.text, Loader=_PARSER)
        except yaml.MarkedYAMLError as problem:
            mark = problem.problem_mark or problem.context_mark
            span = self._span(mark, mark)
            hint = None
            if "\t" in span.source[: span.column]:
                hint = "YAML is indented with spaces; there is a tab in this line"
            raise DocumentError(
                "yaml", problem.problem or "this is not YAML", span, hint
            ) from problem
        except yaml.reader.ReaderError as problem:
            before = self.text[: problem.position]
            line = before.count("\n") + 1
            column = len(before) - before.rfind("\n")
            raise DocumentError(
                "yaml",
                f"the character U+{ord(self.text[problem.position]):04X} is not allowed in YAML"
                if problem.position < len(self.text)
                else problem.reason,
                self._at(line, column, line, column + 1),
            ) from problem

    def _at(self, line: int, column: int, end_line: int, end_column: int) -> Span:
        source = self.lines[line - 1] if line <= len(self.lines) else ""
        return Span(self.file, line, column, end_line, end_column, source)

    def _span(self, start: _Mark | None, end: _Mark | None) -> Span:
        if start is None or end is None:
            return self._at(1, 1, 1, 1)
        return self._at(start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def _error(
        self, code: str, message: str, event: yaml.Event, hint: str | None = None
    ) -> DocumentError:
        return DocumentError(code, message, self._span(event.start_mark, event.end_mark), hint)

    def _start(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        if len(self.open) >= MAX_DEPTH:
            raise self._error("too-deep", f"more than {MAX_DEPTH} levels are nested here", event)
        if event.tag not in (None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
            raise self._error("tag", f"the tag {event.tag!r} is not allowed", event)
        key = self._take_key(event)
        empty: dict[str, Value] | list[Value] = (
            {} if isinstance(event, yaml.MappingStartEvent) else []
        )
        self.open.append(_Open(empty, {}, event, key, event.anchor))

    def _end(self, event: yaml.Event) -> None:
        done = self.open.pop()
        span = self._span(done.start.start_mark, event.end_mark)
        built = _Built(done.value, SpanTree(span, done.key, done.spans), done.size)
        self._add(built, done.anchor)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        top = self.open[-1] if self.open else None
        if top is not None and isinstance(top.value, dict) and top.pending is None:
            span = self._span(event.start_mark, event.end_mark)
            if event.value in top.value:
                first = top.spans[event.value].key
                raise self._error(
                    "duplicate-key",
                    f"{event.value!r} is given twice",
                    event,
                    f"it was first given in line {first.line if first else '?'}; keep one of them",
                )
            top.pending = (event.value, span)
            return
        key = self._take_key(event)
        span = self._span(event.start_mark, event.end_mark)
        self._add(_Built(self._resolved(event), SpanTree(span, key), 1), event.anchor)

    def _resolved(self, event: yaml.ScalarEvent) -> Value:
        tag, text = event.tag, event.value
        if tag not in (None, "!") and tag != "tag:yaml.org,2002:str":
            raise self._error("tag", f"the tag {tag!r} is not allowed", event)
        if tag is not None or not event.implicit[0]:
            return str(text)
        if text in _WORDS:
            return _WORDS[text]
        if _INT.fullmatch(text):
            if len(text) > 100:
                raise self._error("too-large", "this number has more than 100 digits", event)
            return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
        if _FLOAT.fullmatch(text):
            # Python writes YAML's `.inf` and `.nan` without the dot.
            return float(re.sub(r"\.(inf|nan)", r"\1", text.lower()))
        return str(text)

    def _alias(self, event: yaml.AliasEvent) -> None:
        if any(node.anchor == event.anchor for node in self.open):
            raise self._error("recursive-alias", f"*{event.anchor} stands inside itself", event)
        known = self.anchors.get(event.anchor or "")
        if known is None:
            raise self._error("unknown-alias", f"there is no anchor &{event.anchor}", event)
        if self.open and isinstance(self.open[-1].value, dict) and self.open[-1].pending is None:
            raise self._error("alias-key", "an alias can't be a key", event)
        key = self._take_key(event)
        here = self._span(event.start_mark, event.end_mark)
        spans = SpanTree(here, key, known.spans.children, known.spans.origin)
        self._add(_Built(known.value, spans, known.size), None, event)

    def _take_key(self, event: yaml.Event) -> Span | None:
        if not self.open or not isinstance(self.open[-1].value, dict):
            return None
        pending = self.open[-1].pending
        if pending is None:
            raise self._error("key", "a key must be text", event)
        return pending[1]

    def _add(self, built: _Built, anchor: str | None, event: yaml.Event | None = None) -> None:
        if anchor:
            self.anchors[anchor] = built
        if not self.open:
            self.root = built
            return
        top = self.open[-1]
        top.size += built.size
        if top.size > MAX_VALUES:
            raise self._error(
                "too-large",
                f"the document has more than {MAX_VALUES} values once aliases are followed",
                event or top.start,
            )
        if isinstance(top.value, list):
            top.spans[len(top.value)] = built.spans
            top.value.append(built.value)
        elif top.pending is not None:
            name, _ = top.pending
            top.value[name], top.spans[name] = built.value, built.spans
            top.pending = None
