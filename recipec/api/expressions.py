"""Selectors → functions of a name: globs, and regular expressions that can't run away.

Regular expressions are those of Rust's `regex` crate, by way of pydantic-core: matching takes time
linear in the name, whatever the expression, so a recipe can't hang the tool. The price: no
look-around and no back-references. `exclude` does what a negative look-ahead is mostly wanted for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fnmatch import translate
from math import prod
from typing import Final

from pydantic_core import SchemaError, SchemaValidator, core_schema

LONGEST: Final = 200
"""Characters of a selector."""
MOST: Final = 1000
"""What the regular expressions of one parameter may cost together: characters, times the counts of
repetitions in braces. Random expressions of this cost take a second for 1,000 layers at most."""

_SPECIAL: Final = re.compile(r"[*?\[]")
_COUNT: Final = re.compile(r"\{(\d*)(?:,(\d*))?\}")


class BadExpression(ValueError):
    """A regular expression that there isn't: why (`message`), and where in it (from 1)."""

    def __init__(self, message: str, hint: str | None = None, position: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.position = position


def glob(pattern: str) -> Callable[[str], bool]:
    """Give a function that says whether a whole name matches a glob, as `fnmatch` has it."""
    if not _SPECIAL.search(pattern):
        return pattern.__eq__
    match = re.compile(translate(pattern)).match
    return lambda name: match(name) is not None


def expression(text: str) -> Callable[[str], bool]:
    """Give a function that says whether a whole name matches. Raises BadExpression."""
    try:
        _compiled(text)
    except SchemaError as problem:
        raise _in_words(text, str(problem)) from problem
    try:
        return _compiled(rf"\A(?:{text})\z").isinstance_python
    except SchemaError as problem:  # it is right alone: as a whole it is too large, or a comment
        if "size limit" in str(problem):
            raise _in_words(text, str(problem)) from problem
        raise BadExpression("it ends in a comment", "leave the comment out") from problem


def found_in(text: str) -> Callable[[str], bool]:
    """Give a function that says whether a part of a name matches. Raises BadExpression."""
    try:
        return _compiled(text).isinstance_python
    except SchemaError as problem:
        raise _in_words(text, str(problem)) from problem


def cost(texts: Iterable[str]) -> int:
    """Say what it costs to match regular expressions, in the measure of `MOST`."""
    return sum(len(text) * prod(_repeats(text)) for text in texts)


def _repeats(text: str) -> Iterable[int]:
    for low, high in _COUNT.findall(text):
        yield max(1, *(int(bound[:4]) for bound in (low, high) if bound))


def _compiled(pattern: str) -> SchemaValidator:
    return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))


def _in_words(text: str, problem: str) -> BadExpression:
    """Take the reason and its place out of the crate's message, which points with carets."""
    lines = problem.splitlines()
    reasons = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    reason = reasons[0] if reasons else lines[-1].strip() if lines else "it isn't one"
    if "size limit" in problem:
        return BadExpression("it stands for too many names", "repeat less in braces")
    hint = None
    if "look-around" in reason:
        reason, hint = "look-around is not supported", "`exclude` takes layers out again"
    elif "backreference" in reason:
        reason = "back-references are not supported"
    marks = [line.index("^") for line in lines if line.strip(" ^") == "" and "^" in line]
    position = marks[0] - 3 if len(marks) == 1 and "\n" not in text else None
    return BadExpression(reason, hint, position)
