"""Fake quantization that is never converted."""

from __future__ import annotations

from collections.abc import Iterator

from recipec.api import Finding, Lint, PlanView, StageView


def _check(plan: PlanView) -> Iterator[Finding]:
    simulated: dict[str, StageView | None] = {}  # by stage, whose fake quantization is still there
    for stage in plan.stages:
        parent = plan.parent(stage)
        before = simulated[parent.id] if parent is not None else None
        if "simulates quantization" in stage.traits:
            before = stage
        simulated[stage.id] = None if _converted(stage) else before
    told: set[str] = set()
    for id in plan.outputs:
        by = simulated.get(id)
        if by is not None and by.id not in told:
            told.add(by.id)
            yield Finding(
                f"{by.id!r} only simulates quantization, and no stage converts it before {id!r} "
                "is promised: that model computes in float, and slower than before",
                stage=by.id,
                hint="put a stage behind it that converts fake quantization to int8",
            )


def _converted(stage: StageView) -> bool:
    """Say whether nothing simulated is left, also where that can't be told."""
    if "converts simulated quantization" in stage.traits or stage.model is None:
        return True
    return stage.model.precision not in ("fp32", "fp16", "bf16")


LINT = Lint(
    "fake-quantization-kept",
    "quantization is simulated while training and never converted",
    "recipec:explanations/fake-quantization-kept.md",
    _check,
    whole_plan=True,
)
