"""How far a quantity may lie from what is likely: in factors, as times and bytes go."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import Final

from recipec.api import Basis, Expected

NINE_OF_TEN: Final = 1.645
"""Standard deviations on either side within which nine of ten normal values lie."""
_PRIOR: Final = 3
"""How many runs what is assumed of a spread weighs as much as."""
_TO_DEVIATION: Final = 1.4826
"""From the median absolute deviation to a normal distribution's standard deviation."""


def deviation(values: Sequence[float], centre: float, assumed: float) -> float:
    """Give the standard deviation of the logarithm of a next value around `centre`.

    The spread of the values, robust against outliers, is moderated by what is assumed of it as
    long as there are few of them; that the centre is uncertain itself comes on top.
    """
    errors = sorted(abs(math.log(max(v, 1e-9) / centre)) for v in values)
    spread = median(errors) * _TO_DEVIATION if len(errors) > 3 else max(errors)
    count = len(errors)
    variance = (_PRIOR * assumed**2 + count * spread**2) / (_PRIOR + count)
    return math.sqrt(variance * (1 + 1 / count))


def around(
    likely: float, sigma: float, basis: Basis, runs: int = 0, slack: float = 0.0
) -> Expected:
    """Expect a value around `likely`; `slack` is added on both sides, whatever the factor."""
    factor = math.exp(NINE_OF_TEN * sigma)
    return expected(likely / factor - slack, likely, likely * factor + slack, basis, runs)


def expected(low: float, likely: float, high: float, basis: Basis, runs: int = 0) -> Expected:
    """Expect a value, rounded to three digits: no estimate is better than that."""
    return Expected.model_construct(
        low=_rounded(max(low, 0.0)),
        likely=_rounded(likely),
        high=_rounded(high),
        basis=basis,
        runs=runs,
    )


def exactly(value: float) -> Expected:
    """Expect a value that nothing can change."""
    return Expected.model_construct(low=value, likely=value, high=value, basis="exact", runs=0)


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")
