"""Zeros that nothing makes use of."""

from __future__ import annotations

from collections.abc import Iterator

from recipec.api import Finding, Lint, PlanView, StageView


def _check(plan: PlanView) -> Iterator[Finding]:
    used: set[str] = set()  # stages whose zeros a later stage takes out or skips
    for stage in reversed(plan.stages):
        if any(c.id in used or _uses_zeros(c) for c in plan.children(stage.id)):
            used.add(stage.id)
    promised = plan.reaching_outputs(lambda stage: False)
    for stage in plan.stages:
        unused = "masks" in stage.traits and not _uses_zeros(stage) and stage.id not in used
        if unused and stage.id in promised:
            yield Finding(
                f"{stage.id!r} sets weights to zero, and no later stage takes them out or skips "
                "them: the model stays as large and as slow as it was",
                stage=stage.id,
                hint="to make it smaller and faster, take whole channels out",
            )


def _uses_zeros(stage: StageView) -> bool:
    return "prunes" in stage.traits or "skips zeros" in stage.traits


LINT = Lint(
    "masks-stay-dense",
    "weights are set to zero, and no kernel will skip them",
    "recipec:explanations/masks-stay-dense.md",
    _check,
    whole_plan=True,
)
