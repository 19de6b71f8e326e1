"""A planned fact is a value or UNKNOWN ("known after prune"); null never means unknown."""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal


class Unknown(Enum):
    """The type of `UNKNOWN`, its only member."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final[Literal[Unknown.UNKNOWN]] = Unknown.UNKNOWN
