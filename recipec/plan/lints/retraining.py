"""Pruning that nothing makes good."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from recipec.api import Finding, Lint, Model, PlanView, StageView, Unknown

REMOVED = 0.10
"""Share of the parameters that may leave without retraining (measured: see the page)."""
ZEROED = 0.50
"""Share of the parameters that may become zero without retraining (Han et al., 2015)."""


class _Since(NamedTuple):
    """What is known of a model since it was last trained: parameters then, share of zeros that it
    is used to, and whether too much has gone already."""

    parameters: int | None = None
    zeros: float = 0.0
    past: bool = False


def _check(plan: PlanView) -> Iterator[Finding]:
    if not any(_prunes(stage) for stage in plan.stages):
        return
    untrained = plan.reaching_outputs(_trains)
    since: dict[str, _Since] = {}
    for stage in plan.stages:
        parent = plan.parent(stage)
        before = since[parent.id] if parent is not None else _Since()
        if parent is None or _trains(stage):
            zeros = before.zeros if (share := _zeros(stage.model)) is None else share
            since[stage.id] = _Since(_parameters(stage.model), zeros)
            continue
        since[stage.id] = before
        if not _prunes(stage):
            continue
        gone = _gone(stage.model, before)
        since[stage.id] = before._replace(past=before.past or gone is not None)
        if gone is not None and not before.past and stage.id in untrained:
            yield Finding(
                f"{stage.id!r} {gone}, and no stage trains the model again before it is promised",
                stage=stage.id,
                hint="put a stage that trains behind it, or take out less",
            )


def _gone(model: Model | None, since: _Since) -> str | None:
    """Say what is gone since the last training when that is too much."""
    left, zeros = _parameters(model), _zeros(model)
    if left is not None and since.parameters:
        removed = 1 - left / since.parameters
        if removed > REMOVED:
            return f"brings what is gone to {removed:.0%} of the parameters"
    if zeros is not None and zeros - since.zeros > ZEROED:
        return f"brings what is zero to {zeros:.0%} of the parameters"
    return None


def _parameters(model: Model | None) -> int | None:
    if model is None or isinstance(model.layers, Unknown):
        return None
    return model.layers.parameters


def _zeros(model: Model | None) -> float | None:
    if model is None or isinstance(model.layers, Unknown) or not model.layers.parameters:
        return None
    zeros = model.layers.zeros
    return None if isinstance(zeros, Unknown) else zeros / model.layers.parameters


def _prunes(stage: StageView) -> bool:
    return "prunes" in stage.traits or "masks" in stage.traits


def _trains(stage: StageView) -> bool:
    return "trains" in stage.traits


LINT = Lint(
    "pruned-not-retrained",
    "much of a model is pruned, and it isn't trained again",
    "recipec:explanations/pruned-not-retrained.md",
    _check,
    whole_plan=True,
)
