"""TensorRT's logger: what it says is kept, and shown where it helps, instead of printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any

_MOST_NOTES = 8


class Log:
    """Errors and warnings of one build, in their order."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.warnings: list[str] = []

    def notes(self) -> tuple[str, ...]:
        """Give each thing that was said once, and no more of them than a reader would read."""
        said = list(dict.fromkeys(map(readable, self.errors + self.warnings)))
        left = len(said) - _MOST_NOTES
        more = (f"and {left} more warnings of TensorRT",) if left > 0 else ()
        return (*said[:_MOST_NOTES], *more)


@contextmanager
def listening(trt: ModuleType) -> Iterator[tuple[Any, Log]]:
    """Give TensorRT's logger and the log that it writes to meanwhile."""
    logger = _logger(trt)
    kept, logger.to = logger.to, Log()
    try:
        yield logger, logger.to
    finally:
        logger.to = kept


@cache
def _logger(trt: ModuleType) -> Any:
    """Make the process's one logger: TensorRT ignores a second one while the first is in use."""

    class Logger(trt.ILogger):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            trt.ILogger.__init__(self)
            self.to = Log()

        def log(self, severity: Any, message: str) -> None:
            if severity.value <= trt.ILogger.ERROR.value:
                self.to.errors.append(message)
            elif severity.value == trt.ILogger.WARNING.value:
                self.to.warnings.append(message)

    return Logger()


def readable(message: str) -> str:
    """Leave out of a message where in TensorRT's own sources it comes from."""
    message = re.sub(r"^\w+\.[ch]pp:\d+: ", "", message.strip())
    message = re.sub(r"^\[?[\w.:]+\]? Error Code \d+: ", "", message)
    message = re.sub(r"\.? In \w+ at /\S+?:\d+", "", message)
    message = re.sub(r"\s*\(In \w+ at /\S+?:\d+\s*", " (", message)
    return re.sub(r"\s+", " ", message).strip()


def reason(assertion: str) -> str:
    """Give the part of a parser's failed assertion that is meant for people.

    `Assertion failed: shiftIsAllZeros(zeroPoint): Non-zero zero point …` and `creator && "Plugin
    not found, …"` both have one. That the machine has no GPU follows many a message, and is of no
    interest where it isn't all there is.
    """
    lines = assertion.splitlines()
    assertion = "\n".join(line for line in lines if "catchCudaError" not in line) or assertion
    if quoted := re.search(r'&& "(.+)"\s*$', assertion):
        return quoted.group(1)
    if failed := re.search(r"Assertion failed: .+?(?<!:): (?!:)(.+)", assertion, re.DOTALL):
        return failed.group(1).strip()
    return readable(assertion)
