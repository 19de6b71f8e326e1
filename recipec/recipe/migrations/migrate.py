"""Carry a recipe's text from its version to the current one."""

from __future__ import annotations

from typing import NamedTuple

from recipec.diagnostics import RecipeError, error
from recipec.recipe.migrations.edits import Text, edited
from recipec.recipe.migrations.table import MIGRATIONS
from recipec.recipe.placed import Placed
from recipec.recipe.versions import version_problem
from recipec.source import DocumentError, decode, read_document


class Migrated(NamedTuple):
    """A recipe's text before and after; `steps` are the versions it went through, none when it was
    current already."""

    before: str
    after: str
    steps: tuple[str, ...]


def migrate(data: bytes, file: str) -> Migrated:
    """Rewrite a recipe's bytes to the current version. Raises RecipeError when they are no recipe
    of a version that is known."""
    try:
        before = after = decode(data, file)
        root = _read(after, file)
        steps: list[str] = []
        for step in MIGRATIONS:
            if step.applies(root):
                after = edited(after, step.edits(root, Text(after)))
                root = _read(after, file)
                steps += [step.after] if steps else [step.before, step.after]
    except DocumentError as problem:
        told = error(problem.code, problem.message, problem.span, problem.hint)
        raise RecipeError(told) from problem
    if wrong := version_problem(root):
        raise RecipeError(wrong)
    return Migrated(before, after, tuple(steps))


def _read(text: str, file: str) -> Placed:
    document = read_document(text, file)
    return Placed(document.value, document.spans)
