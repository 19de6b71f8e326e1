"""Which versions can be rewritten, each to the next: a new version adds one entry."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from recipec.recipe.migrations import v0
from recipec.recipe.migrations.edits import Edit, Text
from recipec.recipe.placed import Placed


class Migration(NamedTuple):
    """The step from one version to the next."""

    before: str
    after: str
    applies: Callable[[Placed], bool]
    edits: Callable[[Placed, Text], Iterable[Edit]]


MIGRATIONS: Final = (Migration("v0", "recipec/v1", v0.applies, v0.edits),)
"""From the oldest version to the newest."""


def older_version(root: Placed) -> str | None:
    """Say of which older version a file is that can be rewritten, None if of none."""
    return next((step.before for step in MIGRATIONS if step.applies(root)), None)
