"""Lines of a given width: words wrap under where they began, and nothing hidden gets through."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from recipec.plan.text.style import styled

WIDTH: Final = 100
"""Columns where there is no terminal to ask."""
NARROWEST: Final = 40
"""Columns below which wrapping would make things worse."""
GAP: Final = "  "
"""Between two pieces on one line."""

ASCII: Final[Mapping[str, str]] = {
    "→": "->", "←": "<-", "·": ".", "×": "x", "…": "...", "−": "-", "–": "-", "—": "-",
    "≥": ">=", "≤": "<=", "≠": "!=", "≈": "~", "±": "+-", "µ": "u", "\u00a0": " ",
}  # fmt: skip
"""What stands for a character that the output can't show."""
_PLAIN: Final = str.maketrans(dict(ASCII))

Marks = tuple[tuple[str, str], ...]
"""Words, each with a style."""


class Page:
    """Makes lines that are no wider than `width`, but for a word that is wider itself.

    `encoding` is that of the output: what it can't show is written in ASCII, or as an escape.
    """

    def __init__(self, width: int = WIDTH, colour: bool = False, encoding: str = "utf-8") -> None:
        self.width = max(width, NARROWEST)
        self.colour = colour
        self._encoding = encoding if can_show("", encoding) else "ascii"
        self._unicode = can_show("".join(ASCII), self._encoding)

    def heading(self, text: str) -> str:
        """Give the line above a section."""
        return styled(text, "bold") if self.colour else text

    def flow(
        self,
        head: str,
        pieces: Iterable[str],
        *,
        marks: Marks = (),
        hang: int | None = None,
        gap: str = GAP,
    ) -> Iterator[str]:
        """Write pieces behind a head, as many on a line as fit; what follows hangs `hang` columns.

        A piece moves to the next line as a whole if that helps; one that is too long for any line
        is broken between its words. Behind a comma there is one space. `marks` are words of the
        head, in their order, with styles.
        """
        head = self.clean(head)
        whole = [self.clean(piece) for piece in pieces if piece]
        tail = gap.rstrip()  # a comma stays with what it is behind
        if tail and len(whole) > 1:
            whole = [*(piece + tail for piece in whole[:-1]), whole[-1]]
        gap = gap[len(tail) :]
        width, indent = self.width, " " * (len(head) if hang is None else hang)
        line = head + _joined(whole, gap)
        if len(line) <= width:
            yield self._marked(line, marks)
            return
        line, empty, first = head, True, True
        for piece in whole:
            between = "" if empty else " " if line.endswith(",") else gap
            joined = line + between + piece
            if len(joined) <= width:
                line, empty = joined, False
                continue
            if not empty and len(indent) + len(piece) <= width:
                yield self._marked(line, marks) if first else line
                line, empty, first = indent + piece, False, False
                continue
            for number, word in enumerate(piece.split(" ")):
                before = "" if empty else " " if number else between
                if empty or len(line) + len(before) + len(word) <= width:
                    line += before + word
                else:
                    yield self._marked(line, marks) if first else line
                    line, first = indent + word, False
                empty = False
        yield self._marked(line, marks) if first else line

    def clean(self, text: str) -> str:
        """Write what can't be seen, or can't be shown here, in a way that can."""
        if not text.isprintable():
            text = "".join(c if c.isprintable() else _escaped(c) for c in text)
        if self._unicode or text.isascii():
            return text
        plain = text.translate(_PLAIN)
        return plain.encode(self._encoding, "backslashreplace").decode(self._encoding)

    def _marked(self, line: str, marks: Marks) -> str:
        if not self.colour:
            return line
        made, done = "", 0
        for word, style in marks:
            word = self.clean(word)
            at = line.index(word, done)
            made += line[done:at] + styled(word, style)
            done = at + len(word)
        return made + line[done:]


def _joined(pieces: list[str], gap: str) -> str:
    """Put pieces on one line; behind a comma one space is enough."""
    text = gap.join(pieces)
    return text.replace(f",{gap}", ", ") if gap == GAP else text


def can_show(text: str, encoding: str) -> bool:
    """Say whether an encoding has all of these characters; one that isn't known has none."""
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _escaped(character: str) -> str:
    if character in "\n\t\r":
        return " "
    return re.sub(r"^'|'$", "", ascii(character))
