"""What standard output can show: its width, colours, and which characters."""

from __future__ import annotations

import os
import sys

from recipec.plan.text import WIDTH, Page


def page() -> Page:
    """Make a page as wide as the terminal; anything else has 100 columns, or as many as the
    variable COLUMNS says. Colours are for terminals, and not where NO_COLOR is set."""
    terminal = sys.stdout.isatty()
    colour = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Page(_width(terminal), colour, getattr(sys.stdout, "encoding", None) or "utf-8")


def _width(terminal: bool) -> int:
    named = os.environ.get("COLUMNS", "")
    if named.isdecimal() and int(named):
        return int(named)
    if terminal:
        try:
            return os.get_terminal_size(sys.stdout.fileno()).columns or WIDTH
        except OSError:  # a terminal that has no size, as in some emulators
            return WIDTH
    return WIDTH
