"""What recipec tells a person: a code, a sentence, a place and a hint; and the exit codes.

Everything that recipec raises on purpose is a `RecipecError`:

    RecipecError
    ├── RecipeError      the recipe is wrong                      exit 1
    ├── UsageError       the command line is wrong                exit 2
    └── StageError       a stage failed, or can't be run here     exit 4

Anything else that reaches the command line is a bug in recipec (exit 3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum, IntEnum
from itertools import islice
from typing import Any, ClassVar, Final, NamedTuple

from recipec.source import Span

MOST_ERRORS: Final = 100
"""How many errors are told at once."""
MOST_LINES: Final = 8
"""How many lines are listed that name the same thing."""
MOST_LETTERS: Final = 4_000
"""How long a message or a hint may be."""


class ExitCode(IntEnum):
    """What the process returns; never `DONE` without the promised artifacts.

    `CHANGES` only where it is asked for (`--detailed-exitcode`): something would run, or differs.
    """

    DONE = 0
    RECIPE = 1
    USAGE = 2
    BUG = 3
    STAGE = 4
    GATE = 5
    CHANGES = 10
    INTERRUPTED = 130


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Diagnostic(NamedTuple):
    """One thing to tell, with what to do about it.

    `origin` says where a value came from when it isn't written at `span` itself, for example
    "from `vars.folder`, line 4".
    """

    severity: Severity
    code: str
    message: str
    span: Span | None = None
    hint: str | None = None
    origin: str | None = None

    def __str__(self) -> str:
        where = f"{self.span}: " if self.span else ""
        return f"{where}{self.severity.value}[{self.code}]: {self.message}"

    def to_json(self) -> dict[str, Any]:
        """Give the diagnostic as data, for editors and CI annotations."""
        span = self.span
        return {
            "severity": self.severity.value,
            "code": self.code,
            "message": self.message,
            "file": span.file if span else None,
            "line": span.line if span else None,
            "column": span.column if span else None,
            "end_line": span.end_line if span else None,
            "end_column": span.end_column if span else None,
            "hint": self.hint,
            "origin": self.origin,
        }


def error(
    code: str,
    message: str,
    span: Span | None = None,
    hint: str | None = None,
    origin: str | None = None,
) -> Diagnostic:
    """Make an error; the short way to write the most common diagnostic."""
    return Diagnostic(Severity.ERROR, code, message, span, hint, origin)


class RecipecError(Exception):
    """Something recipec refuses, with one diagnostic for each independent cause.

    Of more than `MOST_ERRORS` causes only the first are told, and the iterable isn't asked for the
    others: a file can hold a hundred thousand mistakes, and no one reads them all.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.BUG

    def __init__(self, diagnostics: Iterable[Diagnostic] | Diagnostic) -> None:
        given = (diagnostics,) if isinstance(diagnostics, Diagnostic) else diagnostics
        told = [_bounded(one) for one in islice(given, MOST_ERRORS + 1)]
        if len(told) > MOST_ERRORS:
            left = f"these are the first {MOST_ERRORS} errors; there are more"
            told[-1] = Diagnostic(Severity.NOTE, "more-errors", left)
        self.diagnostics = tuple(_each_name_once(told))
        super().__init__("\n".join(str(d) for d in self.diagnostics))


def _each_name_once(told: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Tell once of a name that nothing has: where it is written first, and in which lines again.

    Most often what has the name is misspelt, and all that refer to it are right.
    """
    places: dict[Diagnostic, list[Diagnostic]] = {}
    for one in told:
        alike = one._replace(span=None, origin=None) if one.code.startswith("unknown-") else one
        places.setdefault(alike, []).append(one)
    for first, *others in places.values():
        lines = sorted({o.span.line for o in others if o.span and first.span != o.span})
        if lines:
            listed = ", ".join(map(str, lines[:MOST_LINES])) + ", …" * (len(lines) > MOST_LINES)
            again = f"it is named in line{'s' * (len(lines) > 1)} {listed}, too"
            before = first.hint or ""
            join = " " if before.endswith("?") else "; " if before else ""
            yield first._replace(hint=before + join + again)
        else:
            yield first


def _bounded(diagnostic: Diagnostic) -> Diagnostic:
    """Shorten what a value of many pages would make long."""
    message, hint = _shortened(diagnostic.message), _shortened(diagnostic.hint or "") or None
    return diagnostic._replace(message=message, hint=hint)


def _shortened(text: str) -> str:
    cut = len(text) - MOST_LETTERS
    half = MOST_LETTERS // 2
    return text if cut <= 0 else f"{text[:half]}… {cut} letters …{text[-half:]}"


class RecipeError(RecipecError):
    """The recipe, or a file that it names, is wrong."""

    exit_code = ExitCode.RECIPE


class UsageError(RecipecError):
    """The command line names something that isn't there."""

    exit_code = ExitCode.USAGE


class StageError(RecipecError):
    """A stage failed, made something other than planned, or can't be run on this machine."""

    exit_code = ExitCode.STAGE
