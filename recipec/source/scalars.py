"""Plain scalars of YAML 1.2's core schema: null, true and false, numbers; all else is text."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final

MAX_DIGITS: Final = 100
"""How long a number may be written."""

_INT: Final = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_WORDS: Final[Mapping[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMERIC: Final = frozenset("+-.0123456789")


def plain_scalar(text: str) -> bool | int | float | str | None:
    """Give the value of a scalar without quotes. Raises ValueError on a number out of bounds."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC:
        return text
    if _INT.fullmatch(text):
        if len(text) > MAX_DIGITS:
            raise ValueError(f"this number has more than {MAX_DIGITS} digits")
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if not _FLOAT.fullmatch(text):
        return text
    if len(text) > MAX_DIGITS:
        raise ValueError(f"this number has more than {MAX_DIGITS} digits")
    # Python writes YAML's `.inf` and `.nan` without the dot.
    number = float(re.sub(r"\.(inf|nan)", r"\1", text.lower()))
    if math.isinf(number) and "inf" not in text.lower():
        raise ValueError(f"{text} is larger than any number can be")
    return number
