"""Names of classes, from the recipe or from a file beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from recipec.api import LocalFile, OperatorError

BLANK: Final = " \t"
"""What doesn't count at either end of a line of a file."""


def read_labels(
    labels: tuple[str, ...] | LocalFile | None, file: Callable[[LocalFile], Path]
) -> tuple[str, ...] | None:
    """Give the names, None where there are none. Raises OperatorError at `labels`.

    Empty lines at the end of a file don't count; one in between would shift all that follow.
    """
    if labels is None:
        return None
    if isinstance(labels, LocalFile):
        try:
            text = file(labels).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as problem:
            raise OperatorError(f"{labels} can't be read: {problem}", at=("labels",)) from problem
        # Only at line feeds: `splitlines` takes separators that may stand in a label, too.
        labels = tuple(line.strip(BLANK) for line in text.rstrip(f"{BLANK}\n").split("\n"))
    if not labels or "" in labels:
        raise OperatorError("a label is empty", at=("labels",), hint="one name a line, none empty")
    if again := next((label for label in labels if labels.count(label) > 1), None):
        raise OperatorError(f"the label {again!r} is there twice", at=("labels",))
    return labels


def labels_text(labels: Sequence[str]) -> str:
    """Write `labels.txt`: each label, as it is, and a line feed."""
    return "".join(f"{label}\n" for label in labels)
