"""Which of the installed plugins are wanted: `RECIPEC_BLOCK_PLUGINS` and `--only-plugins`.

The option sets `RECIPEC_ONLY_PLUGINS`, so that processes which a run starts see the same plugins.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

BLOCK: Final = "RECIPEC_BLOCK_PLUGINS"
ONLY: Final = "RECIPEC_ONLY_PLUGINS"


class Selection(NamedTuple):
    """Names of plugins, or of distributions, that are kept out, and those that alone may come in
    (None: all)."""

    blocked: frozenset[str] = frozenset()
    only: frozenset[str] | None = None

    def excludes(self, name: str, distribution: str) -> str | None:
        """Say what keeps a plugin out, None when nothing does."""
        called = {spelt(name), spelt(distribution)}
        if called & self.blocked:
            return f"blocked by {BLOCK}"
        if self.only is not None and not called & self.only:
            return "not among --only-plugins"
        return None


def selection(environment: Mapping[str, str] | None = None) -> Selection:
    """Read the selection from the environment."""
    given = os.environ if environment is None else environment
    only = frozenset(names(given.get(ONLY, "")))
    return Selection(frozenset(names(given.get(BLOCK, ""))), only or None)


def names(listed: str) -> Iterable[str]:
    """Read names that are separated by commas or spaces, as they are compared."""
    return [spelt(name) for name in re.split(r"[,\s]+", listed) if name]


def spelt(name: str) -> str:
    """Give a name in the one form that distributions are compared in (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
