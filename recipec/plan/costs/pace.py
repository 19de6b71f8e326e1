"""What a quantity grows with, learnt from past runs: a sum of parts, each a unit's price times how
many units there are (seconds = a call + multiply-adds × … + bytes × …).

Prices are log-normal, and so is what one run differs by. What is assumed of the prices (a prior)
gives way where runs tell them, and stays where they don't: ten runs of a tiny model say what a call
takes and next to nothing about a multiply-add. Found are the most probable prices (maximum a
posteriori, by Gauss and Newton's method) and their covariance there (Laplace's approximation), so
that a range is wide where the past says little. Runs that were disturbed count less: their errors
are taken as Student's (Lange, Little and Taylor, 1989).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from operator import mul
from typing import Final, NamedTuple

from recipec.plan.costs.spread import NINE_OF_TEN, deviation

_DEGREES: Final = 4.0
"""Student's degrees of freedom."""
_BEYOND: Final = 0.2
"""The standard deviation that a factor of e beyond all that was seen adds: nothing grows quite in
proportion."""
_STEPS: Final = 40
_LONGEST: Final = 1.0
"""How far a price's logarithm moves at one step."""
_NEAR: Final = 1e-4

Amounts = tuple[float, ...]
"""How many units of each price there are."""


class Price(NamedTuple):
    """What is assumed of a unit's price: nine of ten lie within `factor` around `likely`."""

    likely: float
    factor: float

    @property
    def precision(self) -> float:
        """One over the variance of the logarithm."""
        return (NINE_OF_TEN / math.log(self.factor)) ** 2


class Seen(NamedTuple):
    """What runs with the same amounts took; `weight` is that of one run or several."""

    amounts: Amounts
    taken: float
    weight: float = 1.0


class Pace:
    """Prices after some runs.

    `spread` is what is assumed of a run: the standard deviation of the logarithm of what it takes
    around what its amounts would let expect.
    """

    def __init__(self, prices: Sequence[Price], seen: Sequence[Seen], spread: float) -> None:
        self.prices, self.seen, self.spread = tuple(prices), tuple(seen), spread

    def at(self, amounts: Amounts) -> tuple[float, float]:
        """Give what is likely taken, and the standard deviation of its logarithm: of the prices,
        and of one run."""
        logs, matrix, sigma = self._found
        likely, shares = _parts(logs, amounts)
        doubt = sum(map(mul, shares, _solved(matrix, shares)))
        return likely, math.hypot(
            math.sqrt(max(doubt, 0.0)), sigma, _BEYOND * self._beyond(amounts)
        )

    def _beyond(self, amounts: Amounts) -> float:
        """Give the logarithm of how much more there is of something than any run had."""
        if not self.seen:
            return 0.0
        most = map(max, zip(*(one.amounts for one in self.seen), strict=True))
        factors = [now / before for now, before in zip(amounts, most, strict=True) if before]
        return math.log(max(1.0, *factors))

    @cached_property
    def _found(self) -> tuple[list[float], list[list[float]], float]:
        """Give the logarithms of the prices, the inverse of their covariance, and how runs spread
        around them."""
        assumed = [math.log(price.likely) for price in self.prices]
        logs = list(assumed)
        for _ in range(_STEPS):
            matrix, gradient = self._normal(logs, assumed)
            step = _solved(matrix, gradient)
            longest = max(map(abs, step))
            scale = min(1.0, _LONGEST / longest) if longest else 1.0
            logs = [log + scale * one for log, one in zip(logs, step, strict=True)]
            if longest < _NEAR:
                break
        errors = [one.taken / _parts(logs, one.amounts)[0] for one in self.seen]
        sigma = deviation(errors, 1.0, self.spread) if errors else self.spread
        return logs, self._normal(logs, assumed)[0], sigma

    def _normal(
        self, logs: Sequence[float], assumed: Sequence[float]
    ) -> tuple[list[list[float]], list[float]]:
        """Give the normal equations of the next step."""
        size = len(logs)
        matrix = [[0.0] * size for _ in logs]
        gradient = [0.0] * size
        for index, price in enumerate(self.prices):
            matrix[index][index] = price.precision
            gradient[index] = price.precision * (assumed[index] - logs[index])
        for amounts, taken, weight in self.seen:
            likely, shares = _parts(logs, amounts)
            error = math.log(taken / likely)
            student = (_DEGREES + 1) / (_DEGREES + (error / self.spread) ** 2)
            counts = weight * student / self.spread**2
            for i, one in enumerate(shares):
                gradient[i] += counts * one * error
                for j, other in enumerate(shares):
                    matrix[i][j] += counts * one * other
        return matrix, gradient


def _parts(logs: Sequence[float], amounts: Amounts) -> tuple[float, list[float]]:
    """Give the sum, and each part's share of it: the derivative of its logarithm by the price's."""
    parts = [math.exp(log) * amount for log, amount in zip(logs, amounts, strict=True)]
    whole = max(sum(parts), 1e-9)
    return whole, [part / whole for part in parts]


def _solved(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Solve a small, symmetric, positive definite system (Gauss's elimination)."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for index, row in enumerate(rows):
        for below in rows[index + 1 :]:
            factor = below[index] / row[index]
            for column in range(index, size + 1):
                below[column] -= factor * row[column]
    found = [0.0] * size
    for index in reversed(range(size)):
        known = sum(rows[index][column] * found[column] for column in range(index + 1, size))
        found[index] = (rows[index][size] - known) / rows[index][index]
    return found
