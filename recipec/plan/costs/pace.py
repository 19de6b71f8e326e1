"""How fast an operator is on this machine: seconds by multiply-adds, learnt from past runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from statistics import median
from typing import Final, NamedTuple

from recipec.plan.costs.spread import NINE_OF_TEN, deviation

ASSUMED: Final = 0.45
"""The standard deviation, of the logarithm, that other parameters make (a factor of two)."""
UNSTEERED: Final = 0.8
"""The same where no multiply-adds say how much there is to do."""
_APART: Final = 1.5
"""How far the amounts of work must be apart to tell overhead from work."""
_MOST: Final = 48
"""How many of the latest runs are looked at."""


class Pace(NamedTuple):
    """Seconds = overhead + work × slope, for work between `least` and `most`.

    `vague` is how much of the seconds at `least` may be overhead, where the work was always the
    same; `sigma` is the standard deviation of the seconds' logarithm. Without `slope` the seconds
    don't depend on work, as far as it is known.
    """

    overhead: float
    slope: float | None
    least: float
    most: float
    vague: float
    sigma: float
    runs: int

    def at(self, work: int | None) -> tuple[float, float]:
        """Give the likely seconds for so much work, and the standard deviation of the logarithm."""
        if self.slope is None or work is None:
            return max(self.overhead + (self.slope or 0.0) * self.most, 1e-6), max(
                self.sigma, UNSTEERED if self.slope is not None else 0.0
            )
        likely = max(self.overhead + self.slope * work, 1e-6)
        doubt = 0.0
        if self.vague:
            # The two extremes: nothing of it is overhead, or as much as can be.
            per_work = (self.overhead + self.slope * self.most) / self.most
            proportional = per_work * work
            steady = self.vague + (per_work - self.vague / self.most) * work
            far = max(abs(math.log(one / likely)) for one in (proportional, steady) if one > 0)
            doubt = far / NINE_OF_TEN
        elif work and not self.least <= work <= self.most:
            edge = self.most if work > self.most else self.least
            doubt = 0.15 * abs(math.log(work / edge)) if edge else 0.0
        return likely, math.hypot(self.sigma, doubt)


def pace(points: Sequence[tuple[int | None, float]]) -> Pace:
    """Learn from (work, seconds) of past runs, of which there is at least one.

    Overhead and slope are those of a Theil-Sen line: the median slope of all pairs of runs, and the
    median of what it leaves. One run that was disturbed doesn't move them.
    """
    steered = [(float(work), seconds) for work, seconds in points if work][-_MOST:]
    if not steered:
        taken = [seconds for _, seconds in points][-_MOST:]
        centre = max(median(taken), 1e-6)
        return Pace(centre, None, 0, 0, 0, deviation(taken, centre, UNSTEERED), len(taken))
    least, most = min(work for work, _ in steered), max(work for work, _ in steered)
    overhead, slope, vague = _line(steered, least, most)
    errors = [seconds / max(overhead + slope * work, 1e-6) for work, seconds in steered]
    sigma = deviation(errors, 1.0, ASSUMED)
    return Pace(overhead, slope, least, most, vague, sigma, len(steered))


def _line(
    points: Sequence[tuple[float, float]], least: float, most: float
) -> tuple[float, float, float]:
    if most < _APART * least:
        seconds, work = median(s for _, s in points), median(w for w, _ in points)
        overhead = min(0.3 * seconds, 1.0)
        return overhead, (seconds - overhead) / work, min(0.9 * seconds, 5.0)
    slopes = [
        (t - s) / (v - w)
        for (w, s), (v, t) in combinations(points, 2)
        if abs(v - w) > 0.1 * max(v, w)
    ]
    slope = max(median(slopes), 0.0)
    overhead = median(s - slope * w for w, s in points)
    if overhead < 0:
        return 0.0, median(s / w for w, s in points), 0.0
    return overhead, slope, 0.0
