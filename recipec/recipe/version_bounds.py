"""Bounds on versions, as recipes, plugins and requirements write them: `>=1.2,<2`."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping

from packaging.version import Version

_COMPARE: Mapping[str, Callable[[Version, Version], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}


def within(version: str, bounds: str) -> bool:
    """Say whether a version is within bounds such as `>=2.9,<3` (PEP 440 order, pre-releases too).

    `packaging.specifiers` would do it, but importing it takes as long as finding all plugins.
    Raises ValueError on anything else.
    """
    for bound in filter(None, map(str.strip, bounds.split(","))):
        sign = next((s for s in _COMPARE if bound.startswith(s)), None)
        if sign is None:
            raise ValueError(f"{bound!r} is not a version bound (one of {' '.join(_COMPARE)})")
        if not _COMPARE[sign](Version(version), Version(bound[len(sign) :].strip())):
            return False
    return True


def check_bounds(bounds: str) -> None:
    """Check that all of a text are version bounds. Raises ValueError."""
    said = [bound.strip() for bound in bounds.split(",")]
    if not all(said):
        raise ValueError(f"{bounds!r} has no version bound where one should be")
    for bound in said:
        within("0", bound)
