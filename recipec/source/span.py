"""Where something was written: file, line and column, both counted from one."""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    """A stretch of text, and the line it begins on.

    `file` is a path as the user gave it, or says where else the text came from (`--set`). A named
    tuple, because there is one for every value of a document.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    source: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def excerpt(self, width: int = 100) -> str:
        """Give the line with carets below the part that is meant; "" where there is no text."""
        if not self.source.strip():
            return ""
        line = self.source.replace("\t", " ")
        start = min(self.column - 1, len(line))
        end = self.end_column - 1 if self.end_line == self.line else len(line.rstrip())
        cut = max(0, start - width // 2) if len(line) > width else 0
        shown = line[cut : cut + width].rstrip()
        start, end = start - cut, min(end - cut, len(shown))
        gutter = f"{self.line:>4} | "
        return (
            f"{gutter}{shown}\n{' ' * (len(gutter) - 2)}| {' ' * start}{'^' * max(1, end - start)}"
        )
