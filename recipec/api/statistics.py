"""Intervals for measured numbers: what a difference must exceed before it is called one.

Pure Python. Each function names its source; `level` is the confidence level of a two-sided
interval, 0 < level < 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, floor, lgamma, log, sqrt
from random import Random
from statistics import NormalDist

from recipec.api.metrics import Interval


def percentile(values: Sequence[float], percent: float) -> float:
    """Give the value below which `percent` (0 to 100) of `values` lie, between order statistics.

    Linear interpolation at position (n − 1)·percent/100 of the sorted values: type 7 of Hyndman &
    Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50 (1996), which is
    also NumPy's default. Raises ValueError on no values, and on another `percent`.
    """
    if not values or not 0 <= percent <= 100:
        raise ValueError(f"the {percent}th percentile of {len(values)} values")
    ordered = sorted(values)
    position = (len(ordered) - 1) * percent / 100
    below = min(floor(position), len(ordered) - 2) if len(ordered) > 1 else 0
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def percentile_interval(
    values: Sequence[float], percent: float, level: float = 0.95
) -> Interval | None:
    """Give an interval between order statistics that holds the true percentile, any distribution.

    The number of values below the true percentile is binomial, so each end is the innermost order
    statistic that misses it with probability (1 − level)/2 at most: Conover, "Practical
    Nonparametric Statistics" (1999), section 3.2. Values are taken to be independent. None when
    there are too few of them (the median needs 6 at 95 %). Raises ValueError unless
    0 < percent < 100.
    """
    n, p, tail = len(values), percent / 100, (1 - level) / 2
    if not 0 < p < 1:
        raise ValueError(f"no distribution has an interval for its {percent}th percentile")
    ordered = sorted(values)
    low = high = None
    cumulated = 0.0  # P(at most k − 1 values below the percentile), for k = 1 …
    for k in range(1, n + 1):
        cumulated += _binomial(k - 1, n, p)
        if cumulated <= tail:
            low = ordered[k - 1]
        if cumulated >= 1 - tail:
            high = ordered[k - 1]
            break
    return None if low is None or high is None else Interval(low=low, high=high, level=level)


def wilson_interval(successes: int, n: int, level: float = 0.95) -> Interval:
    """Give the score interval of a share, `successes` of `n` independent samples.

    Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927).
    Raises ValueError unless 0 ≤ successes ≤ n and n > 0.
    """
    if not 0 <= successes <= n or n == 0:
        raise ValueError(f"{successes} successes of {n}")
    z = _z(level)
    share = successes / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(
        # at the ends the formula is exact only up to rounding
        low=0.0 if successes == 0 else middle - half,
        high=1.0 if successes == n else middle + half,
        level=level,
    )


def tango_interval(b: int, c: int, n: int, level: float = 0.95) -> Interval:
    """Give the score interval of (b − c)/n, the difference of two shares on the same `n` samples.

    `b` samples are right by the first model only, `c` by the second only; so this is the drop from
    the first to the second. Both ends solve |score| = z, by bisection: Tango, "Equivalence test and
    confidence interval for the difference in proportions for the paired-sample design", Statistics
    in Medicine 17 (1998). Without discordant pairs the interval is ± z²/(n + z²): 1.06 points at
    n = 360, below 1 point from n = 381. Raises ValueError unless 0 ≤ b, c and b + c ≤ n, n > 0.
    """
    if b < 0 or c < 0 or b + c > n or n == 0:
        raise ValueError(f"{b} and {c} discordant pairs of {n}")
    z, estimate = _z(level), (b - c) / n
    return Interval(
        low=_bisect(lambda d: _tango_score(b, c, n, d) - z, -1.0, estimate),
        high=_bisect(lambda d: _tango_score(b, c, n, d) + z, estimate, 1.0),
        level=level,
    )


def _tango_score(b: int, c: int, n: int, difference: float) -> float:
    """Score statistic of H0: true difference = `difference`; it falls from +∞ at −1 to −∞ at 1."""
    spread = difference * (1 - difference)
    linear = -b - c + (2 * n - b + c) * difference
    # the maximum likelihood estimate, under H0, of the chance to be right by the second only
    square = max(0.0, linear * linear + 8 * n * c * spread)  # below 0 by rounding alone
    only_second = (sqrt(square) - linear) / (4 * n)
    variance = n * (2 * only_second + spread)
    distance = b - c - n * difference
    if variance <= 0:
        return 0.0 if distance == 0 else float("inf") if distance > 0 else float("-inf")
    return distance / sqrt(variance)


def bootstrap_ratio_interval(
    numerators: Sequence[float],
    denominators: Sequence[float],
    statistic: Callable[[Sequence[float]], float],
    *,
    seed: int,
    level: float = 0.95,
    resamples: int = 1000,
) -> Interval:
    """Give the interval of statistic(numerators)/statistic(denominators) from paired rounds.

    Position i of both sequences was measured in the same round; rounds are drawn with replacement,
    and both sides get the same ones, so that what disturbs a whole round cancels out. Percentile
    interval: Efron & Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13. The same
    seed gives the same interval. Raises ValueError on no rounds, or unequal numbers of them.
    """
    rounds = len(numerators)
    if rounds == 0 or rounds != len(denominators):
        raise ValueError(f"{rounds} rounds against {len(denominators)}")
    random = Random(seed)
    ratios = []
    for _ in range(resamples):
        drawn = random.choices(range(rounds), k=rounds)
        ratios.append(
            statistic([numerators[i] for i in drawn]) / statistic([denominators[i] for i in drawn])
        )
    tail = 50 * (1 - level)
    return Interval(low=percentile(ratios, tail), high=percentile(ratios, 100 - tail), level=level)


def _binomial(k: int, n: int, p: float) -> float:
    ways = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)  # a logarithm: it overflows otherwise
    return exp(ways + k * log(p) + (n - k) * log(1 - p))


def _z(level: float) -> float:
    return NormalDist().inv_cdf((1 + level) / 2)


def _bisect(falling: Callable[[float], float], low: float, high: float) -> float:
    """Give the zero of a falling function; an end of the range where it has none inside."""
    for _ in range(100):  # ends at the resolution of floats, long before the hundredth halving
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if falling(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
