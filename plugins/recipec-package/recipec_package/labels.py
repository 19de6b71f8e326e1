"""Names of classes, from the recipe or from a file beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from recipec.api import LocalFile, OperatorError


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
        labels = tuple(line.strip() for line in text.rstrip().splitlines())
    if not labels or "" in labels:
        raise OperatorError("a label is empty", at=("labels",), hint="one name a line, none empty")
    if again := next((label for label in labels if labels.count(label) > 1), None):
        raise OperatorError(f"the label {again!r} is there twice", at=("labels",))
    return labels
