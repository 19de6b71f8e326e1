"""Which lines of a recipe's files aren't those that were reviewed."""

from __future__ import annotations

import difflib  # this module is imported only when something has changed
from collections.abc import Iterator, Sequence
from typing import Final

from recipec.diagnostics import Diagnostic, error
from recipec.source import Span

CODE: Final = "changed-recipe"
_SHOWN: Final = 5
"""How many places are told one by one."""


def changed_lines(file: str, before: str, now: str) -> list[Diagnostic]:
    """Say for every changed stretch of lines what it was; `file` is the name that places carry."""
    old, new = before.splitlines(), now.splitlines()
    matched = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    found = [
        _stretch(file, old[a:b], new[c:d], c, new) for tag, a, b, c, d in matched if tag != "equal"
    ]
    if not found:  # line ends, or the newline at the end
        found = [error(CODE, f"{file} isn't byte for byte the file that was reviewed")]
    if len(found) > _SHOWN:
        rest = len(found) - _SHOWN + 1
        more = error(CODE, f"{file} changed since the review in {rest} more places")
        found[_SHOWN - 1 :] = [more]
    return found


def _stretch(
    file: str, old: Sequence[str], new: Sequence[str], at: int, lines: Sequence[str]
) -> Diagnostic:
    at = min(at, max(0, len(lines) - 1))
    text = lines[at] if lines else ""
    span = Span(file, at + 1, 1, at + 1, len(text) + 1, text)
    said = " / ".join(_short(old))
    if not old:
        message = f"{_lines(new, 'is', 'are')} new since the review"
    elif not new:
        message = f"{_gone(old)} gone since the review: {said}"
    else:
        message = f"{_lines(new, 'has', 'have')} changed since the review; it was: {said}"
    return error(CODE, message, span)


def _gone(lines: Sequence[str]) -> str:
    return "a line before this one is" if len(lines) == 1 else f"{len(lines)} lines before this are"


def _lines(lines: Sequence[str], one: str, many: str) -> str:
    return f"this line {one}" if len(lines) == 1 else f"{len(lines)} lines {many}"


def _short(lines: Sequence[str]) -> Iterator[str]:
    for line in lines[:2]:
        text = line.strip() or "(an empty line)"
        yield text if len(text) <= 80 else f"{text[:79]}…"
    if len(lines) > 2:
        yield f"and {len(lines) - 2} more"
