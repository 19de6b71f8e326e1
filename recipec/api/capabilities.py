"""What a stage needs of the machine, and probes that say whether it has it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple


class Requirement(NamedTuple):
    """Something the machine must have: `cuda`, `cuda>=12`, `python:torch>=2.9`.

    `python:` requirements are Python distributions; anything else is a capability that some plugin
    probes for. `install` is the command that would provide it.
    """

    spec: str
    install: str | None = None

    @property
    def capability(self) -> str:
        """The name without version bounds: `cuda`, `python:torch`."""
        return re.split(r"[<>=!~ ]", self.spec, maxsplit=1)[0]

    @property
    def bounds(self) -> str:
        """Version bounds as in PEP 440 (`>=2.9`), "" for any version."""
        return self.spec[len(self.capability) :].strip()

    @property
    def package(self) -> str | None:
        """The Python distribution, for a `python:` requirement."""
        kind, _, name = self.capability.partition(":")
        return name if kind == "python" else None


class Capability(NamedTuple):
    """A thing that a machine may have. `probe` imports no framework and is called at most once.

    It returns a version ("12.4"; "" where there is none to tell), or None when the machine doesn't
    have it.
    """

    name: str
    probe: Callable[[], str | None]
    summary: str
