"""Make expectations, as exact as they can be meant."""

from __future__ import annotations

from typing import Final

from recipec.api import Basis, Expected

_HALF: Final = 0.005
"""Half of the third digit, at most."""


def expected(low: float, likely: float, high: float, basis: Basis, runs: int = 0) -> Expected:
    """Expect a value, rounded to three digits: no estimate is better than that. Bounds are rounded
    outwards."""
    low = max(low, 0.0)
    least, most = _rounded(low), _rounded(high)
    return Expected.model_construct(
        low=least if least <= low else _rounded(low * (1 - _HALF)),
        likely=_rounded(likely),
        high=most if most >= high else _rounded(high * (1 + _HALF)),
        basis=basis,
        runs=runs,
    )


def exactly(value: float) -> Expected:
    """Expect a value that nothing can change."""
    return Expected.model_construct(low=value, likely=value, high=value, basis="exact", runs=0)


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")
