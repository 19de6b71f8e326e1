"""What all parts of the context are made of: text from outside, badges, labelled values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tone = Literal["good", "bad", "warn", "quiet"]
"""How a word should look; it is never told by colour alone."""
Look = Literal["baseline", "plain", "good", "bad"]
"""How a mark in a chart should look."""


@dataclass(frozen=True, slots=True)
class Text:
    """A name or a sentence from outside."""

    short: str
    """What is shown; ends in … where it was cut."""
    full: str | None = None
    """The whole text where it was cut, else None."""

    def __str__(self) -> str:
        return self.short

    @property
    def length(self) -> str:
        """How many characters the whole text has."""
        return f"{len(self.full or self.short):,}"


@dataclass(frozen=True, slots=True)
class Badge:
    """A status or a verdict."""

    word: str
    """What it says ("ran", "pass")."""
    tone: Tone
    """How it looks."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A labelled value."""

    label: Text
    """What it is."""
    value: Text
    """Its value."""
