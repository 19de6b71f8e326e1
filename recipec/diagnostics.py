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
from typing import Any, ClassVar, NamedTuple

from recipec.source import Span


class ExitCode(IntEnum):
    """What the process returns; never `DONE` without the promised artifacts."""

    DONE = 0
    RECIPE = 1
    USAGE = 2
    BUG = 3
    STAGE = 4
    GATE = 5
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
    """Something recipec refuses, with one diagnostic for each independent cause."""

    exit_code: ClassVar[ExitCode] = ExitCode.BUG

    def __init__(self, diagnostics: Iterable[Diagnostic] | Diagnostic) -> None:
        self.diagnostics = (
            (diagnostics,) if isinstance(diagnostics, Diagnostic) else tuple(diagnostics)
        )
        super().__init__("\n".join(str(d) for d in self.diagnostics))


class RecipeError(RecipecError):
    """The recipe, or a file that it names, is wrong."""

    exit_code = ExitCode.RECIPE


class UsageError(RecipecError):
    """The command line names something that isn't there."""

    exit_code = ExitCode.USAGE


class StageError(RecipecError):
    """A stage failed, made something other than planned, or can't be run on this machine."""

    exit_code = ExitCode.STAGE
