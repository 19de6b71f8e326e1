"""Parse YAML to events, and say in words for people what is no YAML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, Protocol

import yaml

from recipec.source.document import DocumentError
from recipec.source.span import Span

LINE_BREAK: Final = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""What ends a line for YAML's parsers."""

_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOT_ALLOWED: Final = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKUP: Final = "@`%|>&*!"
"""What begins something else than plain text."""

Place = Callable[[int, int, int, int], Span]
"""Makes a span from line, column, last line and last column, all counted from zero."""


class _Mark(Protocol):
    """A position as both of PyYAML's parsers give it, counted from zero."""

    line: int
    column: int


class _Mistake(NamedTuple):
    """What is wrong, where, and what to write instead."""

    message: str
    mark: _Mark | None
    hint: str | None = None


def parsed(text: str, place: Place) -> Iterator[yaml.Event]:
    """Give the events of a text. Raises DocumentError."""
    try:
        yield from yaml.parse(text, Loader=_PARSER)
    except yaml.MarkedYAMLError as problem:
        mistake = _mistake(problem, place)
        line, column = (mistake.mark.line, mistake.mark.column) if mistake.mark else (0, 0)
        span = place(line, column, line, column)
        raise DocumentError("yaml", mistake.message, span, mistake.hint) from problem
    except (yaml.reader.ReaderError, UnicodeEncodeError) as problem:
        # The parsers count bytes, characters or code units: look for it again.
        found = _NOT_ALLOWED.search(text)
        at = found.start() if found else len(text)
        lines = LINE_BREAK.split(text[:at])
        line, column = len(lines) - 1, len(lines[-1])
        raise DocumentError(
            "yaml",
            f"the character U+{ord(found[0]):04X} is not allowed in YAML"
            if found
            else f"this is not YAML: {problem}",
            place(line, column, line, column + 1),
            "the file may be UTF-16: save it as UTF-8" if found and found[0] == "\0" else None,
        ) from problem


def _mistake(problem: yaml.MarkedYAMLError, place: Place) -> _Mistake:
    """Explain a mistake in the words of recipes rather than of parsers."""
    mark, opened = problem.problem_mark, problem.context_mark
    said = problem.problem or problem.context or "this is not YAML"
    if mark is None:
        return _Mistake(said, opened)
    span = place(mark.line, mark.column, mark.line, mark.column)
    before, after = span.source[: mark.column], span.source[mark.column : mark.column + 1]
    if "\t" in before + after and not (before + after).strip(" \t"):
        return _Mistake(
            "a tab indents this line", mark, "YAML is indented with spaces; replace the tab"
        )
    since = ""
    if opened is not None and opened.line != mark.line:
        since = f", which begins in line {opened.line + 1}, column {opened.column + 1}"
    elif opened is not None:
        since = f", which begins in column {opened.column + 1}"
    if "',' or '" in said:  # "did not find expected ',' or ']'"
        if before.rstrip().endswith("$") or "${" in before[-80:]:
            return _Mistake(
                "a look-up inside of brackets needs quotes", mark, 'write it as "${vars.NAME}"'
            )
        closing = "]" if "]" in said else "}"
        what = "list" if closing == "]" else "mapping"
        return _Mistake(
            f"a comma or {closing} is missing before this",
            mark,
            f"it ends the {what}{since}, or an entry of it",
        )
    if "end of stream" in said and "quoted" in (problem.context or ""):
        return _Mistake("the quote that begins here is not closed", opened)
    if "mapping values are not allowed" in said:
        return _Mistake(
            "a value begins here, and there is no place for one",
            mark,
            "put text that holds `: ` in quotes, and let the keys of a mapping begin in one column",
        )
    if "sequence entries are not allowed" in said:
        return _Mistake("a list can't begin here", mark, "begin it on a line of its own")
    if "could not find expected ':'" in said:
        return _Mistake(
            "this is no `key: value`", opened or mark, "a key is followed by a colon and a space"
        )
    if "cannot start any token" in said and after in _MARKUP:
        return _Mistake(f"plain text can't begin with {after}", mark, "put the text in quotes")
    if "did not find expected key" in said or "expected '-' indicator" in said:
        what = "list" if "'-'" in said else "mapping"
        return _Mistake(
            f"this doesn't belong to the {what}{since}",
            mark,
            f"the {'entries of a list' if what == 'list' else 'keys of a mapping'} begin in one "
            "column, and nothing follows a quoted text, a list or a mapping",
        )
    if "expected node content" in said and after and after in ",]}":
        return _Mistake(f"a value is missing before this {after}", mark)
    if "expected node content" in said and not after:
        return _Mistake("the text ends here, and a bracket is still open", mark)
    if "<document start>" in said:
        return _Mistake("this comes after the end of the document", mark)
    return _Mistake(said, mark)
