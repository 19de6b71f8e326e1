"""Pruning after quantization."""

from __future__ import annotations

from collections.abc import Iterator

from recipec.api import Finding, Lint, PlanView, StageView


def _check(plan: PlanView) -> Iterator[Finding]:
    quantized: dict[str, str | None] = {}  # by stage, which one before it quantized the model
    for stage in plan.stages:
        parent = plan.parent(stage)
        by = quantized[parent.id] if parent is not None else None
        quantized[stage.id] = stage.id if _quantizes(stage) else by
        if by is not None and ("prunes" in stage.traits or "masks" in stage.traits):
            yield Finding(
                f"{stage.id!r} prunes what {by!r} has quantized: its ranges and scales are "
                "those of the weights and channels that leave",
                stage=stage.id,
                hint=f"prune first: put this stage before {by!r}",
            )


def _quantizes(stage: StageView) -> bool:
    return not stage.traits.isdisjoint(
        {"quantizes", "quantizes dynamically", "converts simulated quantization"}
    )


LINT = Lint(
    "pruned-after-quantization",
    "a model is pruned after it was quantized",
    "recipec:explanations/pruned-after-quantization.md",
    _check,
)
