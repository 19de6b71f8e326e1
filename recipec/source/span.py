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
        """Give the line with carets below the part that is meant; "" where there is no text.

        Of a long line only the part around it; characters that a terminal would obey or hide are
        shown as �.
        """
        if not self.source or self.source.isspace():
            return ""
        start = min(self.column - 1, len(self.source))
        cut = max(0, start - width // 2) if len(self.source) > width else 0
        shown = self.source[cut : cut + width].replace("\t", " ").rstrip()
        end = self.end_column - 1 if self.end_line == self.line else len(self.source)
        start, end = start - cut, min(end - cut, len(shown))
        shown = "".join(char if char.isprintable() else "\ufffd" for char in shown)
        gutter = f"{self.line:>4} | "
        carets = "^" * max(1, _columns(shown[start:end]))
        under = f"{' ' * (len(gutter) - 2)}| {' ' * _columns(shown[:start])}{carets}"
        return f"{gutter}{shown}\n{under}"


def _columns(text: str) -> int:
    """Give how many columns a text takes up in a terminal."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)
