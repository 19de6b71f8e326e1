"""Edits of a text at places that were found by reading it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from typing import Final, NamedTuple

from recipec.source import Span

_LINE_BREAK: Final = re.compile("\r\n|[\r\n\x85\u2028\u2029]")


class Edit(NamedTuple):
    """Replace the text from `start` up to `end` (offsets) by `new`."""

    start: int
    end: int
    new: str


class Text:
    """A text whose places are known by line and column, as spans have them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(found.end() for found in _LINE_BREAK.finditer(text))]

    def offset(self, line: int, column: int) -> int:
        """Give the offset of a place, both counted from one."""
        return self._starts[line - 1] + column - 1

    def start(self, span: Span) -> int:
        """Give the offset where a span begins."""
        return self.offset(span.line, span.column)

    def end(self, span: Span) -> int:
        """Give the offset behind a span."""
        return self.offset(span.end_line, span.end_column)

    def of(self, span: Span) -> str:
        """Give what is written at a span."""
        return self.text[self.start(span) : self.end(span)]

    def line_end(self, offset: int) -> int:
        """Give the offset of the end of a line, before its line break."""
        number = bisect_right(self._starts, offset)
        if number == len(self._starts):
            return len(self.text)
        line = self.text[: self._starts[number]]
        return len(line) - (2 if line.endswith("\r\n") else 1)

    @property
    def line_break(self) -> str:
        """The first line break, "\\n" where there is none."""
        found = _LINE_BREAK.search(self.text)
        return found[0] if found else "\n"


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Make all edits; they must not overlap, and equal ones (of an alias) are made once."""
    parts, done = [], 0
    for edit in sorted(set(edits)):
        parts += [text[done : edit.start], edit.new]
        done = edit.end
    return "".join([*parts, text[done:]])
