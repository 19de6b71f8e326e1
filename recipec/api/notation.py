"""How a value of a recipe is written in a message: as its author writes it, not as Python does."""

from __future__ import annotations

import math


def shown(value: object, limit: int = 60) -> str:
    """Write a value in a recipe's notation, on one line; of lists and mappings only what they are.

    Text stands in quotes, and is cut after `limit` characters.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number(value, limit)
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = " ".join(str(value).split()) or str(value)
    return f"'{text if len(text) <= limit else text[: limit - 1] + '…'}'"


def number(value: float, limit: int = 60) -> str:
    """Write a number, `.inf` and `.nan` as YAML does."""
    if isinstance(value, int):
        if abs(value) >= 10**limit:  # Python refuses to write out what is far longer
            return f"a number of more than {limit} digits"
        return str(value)
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    return repr(value)
