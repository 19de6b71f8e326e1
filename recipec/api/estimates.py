"""Estimates: what a stage is expected to take, with a range and what stands behind it."""

from typing import Final, Literal

from recipec.api.frozen import Frozen
from recipec.api.unknown import UNKNOWN, Unknown

Basis = Literal["exact", "measured", "model", "guess"]
"""What stands behind an expectation: nothing can change it (`exact`); the same stage, with the same
parameters and as much work, ran on this machine before (`measured`); it was computed from how much
there is to do (`model`), by what the operator took on this machine where that is known; or little
more than the kind of the stage is known (`guess`)."""

BASES: Final[tuple[Basis, ...]] = ("exact", "measured", "model", "guess")
"""From the firmest to the weakest."""


class Expected(Frozen):
    """A quantity that isn't known yet: what is likely, and bounds that nine of ten should keep.

    `runs` is how many past runs on this machine it was learnt from.
    """

    low: float
    likely: float
    high: float
    basis: Basis
    runs: int = 0

    def holds(self, value: float) -> bool:
        """Say whether a value lies within the bounds."""
        return self.low <= value <= self.high


class Estimate(Frozen):
    """What a stage is expected to take: seconds, bytes of memory at the peak, bytes written.

    `peak_memory` is the most that the process will hold, with what earlier stages left in it.
    `disk` counts the files of the outputs. A quantity of which nothing can be said is UNKNOWN.
    """

    seconds: Expected | Unknown = UNKNOWN
    peak_memory: Expected | Unknown = UNKNOWN
    disk: Expected | Unknown = UNKNOWN
