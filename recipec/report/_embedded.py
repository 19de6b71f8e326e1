"""What the page embeds for its script: chart data as JSON, and bulk that is unpacked on demand."""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from dataclasses import fields, is_dataclass
from typing import Any, Final

from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from recipec.report.context import Text
from recipec.report.text import visible

LARGE: Final = 60_000
"""Characters of markup or JSON from which it is packed: the page opens without it."""


def data(value: Any) -> Markup:
    """Write parts of the context as JSON for a `<script type="application/json">`."""
    return htmlsafe_json_dumps(_plain(value), dumps=_dumps)


def embedded(json_text: str) -> Markup:
    """Write JSON, as text, so that nothing in it ends the element it stands in."""
    return Markup(json_text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def _dumps(value: Any, **_: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return visible(value.short)
    if isinstance(value, str):
        return visible(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def pack(text: str, least: int | None = None) -> str:
    """Give text deflated and in base64; "" where it is shorter than `least` and should stand as it
    is."""
    if len(text) < (LARGE if least is None else least):
        return ""
    return b64encode(zlib.compress(text.encode(), 9)).decode()
