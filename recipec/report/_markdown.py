"""Text from outside in GitHub's Markdown: no markup, no table cells, no mentions of its own."""

from __future__ import annotations

import re
from typing import Final

from markupsafe import Markup

from recipec.report.text import visible

_SPECIAL: Final = re.compile(r"[\\`*_\[\]|~$]")
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_BLOCK: Final = re.compile(r"^(?:#|[-+](?=\s|$)|[-=:](?=[-=:])|\d+(?=[.)](?:\s|$)))")
"""What would begin a heading, a list or a rule at the start of a line."""
_REFERENCE: Final = re.compile(r"([@#])(?=\w)|(?<=https)(:)(?=//)|(?<=http)(:)(?=//)|(?<=www)(\.)")
"""What GitHub turns into mentions, references to issues and links."""


def escape(text: str) -> Markup:
    """Write text so that Markdown shows it as it is, on one line."""
    line = " ".join(visible(text).split("\n")).strip()
    line = re.sub("[&<>]", lambda match: _ENTITIES[match[0]], line)
    line = _SPECIAL.sub(r"\\\g<0>", line)
    line = _BLOCK.sub(_harmless, line)
    # A comment is invisible, and splits the text where GitHub would look for a reference.
    return Markup(_REFERENCE.sub(r"\g<0><!-- -->", line))


def _harmless(match: re.Match[str]) -> str:
    return f"{match[0]}\\" if match[0].isdigit() else f"\\{match[0]}"


def block(html: Markup) -> Markup:
    """Write HTML as one block: Markdown would end it at the first empty line."""
    return Markup("\n".join(line for line in html.split("\n") if line.strip()))


def code(text: object) -> Markup:
    """Write text as a code span, or as plain text where a table would cut the span at a pipe."""
    line = " ".join(visible(str(text)).split("\n")).strip()
    if not line or "|" in line:
        return escape(line)
    ticks = "`" * (max(map(len, re.findall("`+", line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return Markup(f"{ticks}{pad}{line}{pad}{ticks}")
