"""Text from recipes, models and messages, fit to be looked at: nothing hidden, nothing endless."""

from __future__ import annotations

import unicodedata
from typing import Final

from recipec.report.context import Text

NAME: Final = 80
"""Characters of a name (a stage, a layer, a file) that are shown where it stands in a table."""

SENTENCE: Final = 400
"""Characters of a message or a value that are shown before the rest folds away."""

MESSAGE: Final = 2000
"""Characters of an error message, which is worth the room."""

_JOINERS: Final = "\u00ad\u200c\u200d"
"""Soft hyphen and (non-)joiners: invisible, but part of proper German, Persian and emoji."""


def visible(text: str) -> str:
    """Write characters that can't be seen, or that would reorder the text around them, as ⟨U+202E⟩.

    Line breaks, tabs and the spaces of any script stay as they are.
    """
    if text.isprintable():
        return text
    return "".join(map(_visible, text.replace("\r\n", "\n")))


def _visible(character: str) -> str:
    if character.isprintable() or character in "\n\t" or character in _JOINERS:
        return character
    if unicodedata.category(character) == "Zs":
        return character
    return f"⟨U+{ord(character):04X}⟩"


def clip(value: object, limit: int = SENTENCE) -> Text:
    """Give text that shows at most `limit` characters and keeps the whole for those who ask."""
    whole = visible(str(value))
    if len(whole) <= limit:
        return Text(whole)
    return Text(whole[:limit].rstrip() + "…", whole)


def name(value: object) -> Text:
    """Give a name, short enough for a table."""
    return clip(value, NAME)
