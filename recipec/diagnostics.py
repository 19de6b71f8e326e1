"""What recipec tells a person: a code, a sentence, a place and a hint; and the exit codes.

Everything that recipec raises on purpose is a `RecipecError`:

    RecipecError
    ├── RecipeError      the recipe is wrong                      exit 1
    ├── UsageError       the command line is wrong                exit 2
    └── StageError       a stage failed, or can't be run here     exit 4

Anything else that reaches the command line is a bug in recipec (exit 3).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, IntEnum
from itertools import islice
from typing import Any, ClassVar, Final, NamedTuple

from recipec.source import Span

MOST_ERRORS: Final = 100
"""How many errors are told at once."""
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
        self.diagnostics = tuple(told)
        super().__init__("\n".join(str(d) for d in self.diagnostics))


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
