"""How far a quantity may lie from what is likely: in factors, as times and bytes go."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import Final

from recipec.api import Basis, Expected
from recipec.plan.costs.bounds import expected

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
