"""How a builder's argument is scaled: multipliers exactly, counts to what networks can have."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Any, Final

_SLACK: Final = 1e-9
"""Of a product of floats that should be a whole number."""


def wider(channels: int, factor: float, multiple: int) -> int:
    """Round channels × factor to a multiple, but never below 90 % of it.

    So do the networks of Tan and Le (`round_filters` of their code, with multiples of 8).

    >>> wider(32, 1.1, 8), wider(16, 1.1, 8), wider(12, 1.0, 8)
    (32, 16, 12)
    """
    if factor == 1:
        return channels
    wanted = channels * factor
    rounded = max(multiple, int(wanted + multiple / 2) // multiple * multiple)
    return rounded + multiple if rounded < 0.9 * wanted - _SLACK else rounded


def deeper(layers: int, factor: float, multiple: int, plus: int) -> int:
    """Round layers × factor up (`round_repeats` of Tan and Le's code), to multiple × n + plus.

    >>> deeper(4, 1.2, 1, 0), deeper(14, 1.2, 6, 2), deeper(3, 0.5, 1, 0)
    (5, 20, 2)
    """
    if factor == 1:
        return layers
    steps = max(0, ceil((layers * factor - plus) / multiple - _SLACK))
    return max(multiple * steps + plus, 1)


def sharper(size: int, factor: float, multiple: int) -> int:
    """Round a side in pixels to the nearest multiple, and at least one.

    >>> sharper(224, 1.15**2, 1), sharper(224, 1.15, 32), sharper(9, 1.0, 8)
    (296, 256, 9)
    """
    if factor == 1:
        return size
    return max(multiple, round(size * factor / multiple) * multiple)


def scaled(value: Any, factor: float, count: Callable[[int], int]) -> Any:
    """Scale an argument: a float is a multiplier, an integer is a `count`, a list has either.

    Raises TypeError for what is neither.
    """
    if isinstance(value, list | tuple):
        return [scaled(one, factor, count) for one in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is neither a number nor a list of them")
    return value * factor if isinstance(value, float) else count(value)
