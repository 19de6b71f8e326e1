"""Make expectations, as exact as they can be meant."""

from __future__ import annotations

from recipec.api import Basis, Expected


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
