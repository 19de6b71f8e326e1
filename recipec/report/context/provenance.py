"""Where the run happened, what was said about it, and how to run it again."""

from __future__ import annotations

from dataclasses import dataclass

from recipec.report.context.words import Badge, Pair, Text


@dataclass(frozen=True, slots=True)
class Machine:
    """Where the run happened."""

    facts: tuple[Pair, ...]
    """Python, platform, CPU, cores, threads, seed, recipec's version."""
    packages: tuple[Pair, ...]
    """The packages whose versions entered a key."""
    capabilities: tuple[Pair, ...]
    """What the machine has and hasn't."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A diagnostic of the recipe or the run, or one that the recipe silences."""

    anchor: str
    """The id of its element."""
    badge: Badge
    """`error`, `warning`, `note` or `silenced`."""
    code: Text
    """Its code."""
    place: Text | None
    """`file:line:column`."""
    message: Text
    """What is wrong."""
    hint: Text | None
    """What to do about it."""
    origin: Text | None
    """Where the value came from."""
    reason: Text | None
    """Why the recipe silences it."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What was asked for, and how to ask again."""

    source: str
    """The recipe as written."""
    resolved: str
    """The recipe with every default, as YAML."""
    commands: tuple[str, ...]
    """Shell commands that make this run again."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section that a plugin adds."""

    title: Text
    """Its title."""
    plugin: Text
    """The plugin."""
    html: str
    """Its content, rendered; "" where that failed."""
    problem: Text | None
    """Why it couldn't be rendered."""
