"""A promised model that lost something, and nobody looks how much."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from recipec.api import Finding, Lint, PlanView, StageView

_LOSSY = frozenset(
    {
        "prunes",
        "masks",
        "quantizes",
        "quantizes dynamically",
        "converts simulated quantization",
    }
)


class _Loss(NamedTuple):
    """The last stage that lost something, and why it couldn't be measured since."""

    stage: StageView
    why: str | None = None


def _check(plan: PlanView) -> Iterator[Finding]:
    pending: dict[str, _Loss | None] = {}
    for stage in plan.stages:
        parent = plan.parent(stage)
        loss = pending[parent.id] if parent is not None else None
        if not stage.traits.isdisjoint(_LOSSY):
            loss = _Loss(stage)
        measured, why = _measured(plan, stage.id)
        if loss is not None and loss.why is None:
            loss = loss._replace(why=why)
        pending[stage.id] = None if measured else loss
    told: set[str] = set()
    for id in plan.outputs:
        loss = pending.get(id)
        if loss is not None and loss.stage.id not in told:
            told.add(loss.stage.id)
            yield _finding(plan, loss, id)


def _measured(plan: PlanView, id: str) -> tuple[bool, str | None]:
    """Say whether a stage's quality will be measured, and else why not where that is known.

    A metric that doesn't say what it is about may be one of quality.
    """
    found = [m for m in plan.measured.get(id, ()) if set(m.metrics.values()) - {"cost"}]
    reasons = [m.unmeasured for m in found]
    return None in reasons, next(iter(reasons), None)


def _finding(plan: PlanView, loss: _Loss, output: str) -> Finding:
    where = f"from {loss.stage.id!r} on to {output!r}" if output != loss.stage.id else "on it"
    asked = any(set(m.metrics.values()) - {"cost"} for ms in plan.measured.values() for m in ms)
    if loss.why is not None:
        message, hint = f"and its quality can't be measured {where}: {loss.why}", None
    elif asked:
        message, hint = f"and nothing measures its quality {where}", None
    else:
        message = "and the recipe measures no metric of quality"
        hint = "add one to `measure.metrics`, for example accuracy, with labelled `data`"
    return Finding(
        f"{loss.stage.id!r} may make the model worse, {message}", stage=loss.stage.id, hint=hint
    )


LINT = Lint(
    "quality-not-measured",
    "a promised model is pruned or quantized, and its quality isn't measured",
    "recipec:explanations/quality-not-measured.md",
    _check,
    machine_bound=True,
)
