"""The Pareto front: the models that no other beats."""

from __future__ import annotations

from collections.abc import Sequence

from recipec.api.metrics import Better

Values = Sequence[float | None]


def front(models: Sequence[Values], better: Sequence[Better]) -> list[bool]:
    """Tell which models are on the front.

    One model beats another when it is at least as good in every quantity and better in one. A model
    without one of the values can't be judged: it neither beats nor is on the front. Of models with
    the same values, all or none are on it.
    """
    signs = [-1.0 if direction == "higher" else 1.0 for direction in better]
    costs = [
        None
        if any(value is None for value in model)
        else tuple(s * v for s, v in zip(signs, model, strict=True) if v is not None)
        for model in models
    ]
    # Whoever beats a model comes before it in this order, so the front so far is all to look at.
    found: list[tuple[float, ...]] = []
    for cost in sorted({cost for cost in costs if cost is not None}):
        if not any(_as_good(one, cost) for one in found):
            found.append(cost)
    chosen = set(found)
    return [cost in chosen for cost in costs]


def _as_good(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return all(a <= b for a, b in zip(one, other, strict=True))
