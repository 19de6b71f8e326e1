"""What to say about training stages before they run."""

from __future__ import annotations

from collections.abc import Iterator

from recipec.api import Finding, Lint, PlanView


def _slow(plan: PlanView) -> Iterator[Finding]:
    for stage in plan.stages:
        if (
            "trains" in stage.traits
            and stage.params.get("precision") == "16-mixed"
            and stage.params.get("device") == "cpu"
        ):
            yield Finding(
                f"{stage.id!r} trains in float16 on a CPU, which computes it in software: "
                "some 10 to 50 times slower than float32",
                stage=stage.id,
                hint="write precision: bf16-mixed, or 32-true",
                at=stage.parameter("precision"),
            )


def _regrown(plan: PlanView) -> Iterator[Finding]:
    masked: dict[str, str | None] = {}  # by stage, which one set the zeros that are still there
    for stage in plan.stages:
        parent = plan.parent(stage)
        by = masked[parent.id] if parent is not None else None
        regrows = "trains" in stage.traits and stage.params.get("keep_zeros") is False
        if by is not None and regrows:
            yield Finding(
                f"{stage.id!r} trains the weights that {by!r} has set to zero, and they "
                "won't be zero any more",
                stage=stage.id,
                hint="write keep_zeros: true",
                at=stage.parameter("keep_zeros"),
            )
        masks = "masks" in stage.traits or bool(stage.params.get("gradual_pruning"))
        masked[stage.id] = stage.id if masks else None if regrows else by


SLOW = Lint(
    "train.slow-float16",
    "training in float16 on a CPU",
    "recipec_train:explanations/slow-float16.md",
    _slow,
)
REGROWN = Lint(
    "train.zeros-regrow",
    "training gives weights that were set to zero a value again",
    "recipec_train:explanations/zeros-regrow.md",
    _regrown,
)
