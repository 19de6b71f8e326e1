"""Symbols, and their colours on a terminal; without colour the symbols say the same."""

from __future__ import annotations

from typing import Final

from recipec.api import Unknown
from recipec.plan.model import Action

SYMBOLS: Final[dict[str, str]] = {"run": "+", "reuse": "=", "blocked": "!", "reference": "·"}
_CODES: Final = {
    "bold": "1",
    "dim": "2",
    "run": "1;32",
    "reuse": "1;36",
    "blocked": "1;31",
    "reference": "2",
    "warning": "1;33",
    "error": "1;31",
    "note": "1;34",
}


def symbol(action: Action | Unknown) -> str:
    """Give the symbol of what happens to a node; `?` before that is decided."""
    return "?" if isinstance(action, Unknown) else SYMBOLS[action]


def styled(text: str, style: str) -> str:
    """Put text between the escape codes of a style; the name of an action is a style."""
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if text and style in _CODES else text
