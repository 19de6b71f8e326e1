"""What to say about clustering before anything runs."""

from __future__ import annotations

from collections.abc import Iterator

from recipec.api import Finding, Lint, PlanView, StageView
from recipec_clustering.finetune import KEEPS_CLUSTERS


def _undone(plan: PlanView) -> Iterator[Finding]:
    clustered: dict[str, str | None] = {}  # by stage, which one made the clusters that still are
    for stage in plan.stages:
        parent = plan.parent(stage)
        by = clustered[parent.id] if parent is not None else None
        undoes = "trains" in stage.traits and stage.operator != KEEPS_CLUSTERS
        if by is not None and undoes:
            yield Finding(
                f"{stage.id!r} trains each weight by itself, and the values that {by!r} has made "
                "them share drift apart",
                stage=stage.id,
                hint=f"use {KEEPS_CLUSTERS}",
            )
        clustered[stage.id] = (
            stage.id if stage.operator == "clustering.kmeans" else None if undoes else by
        )


def _unpacked(plan: PlanView) -> Iterator[Finding]:
    reaching = plan.reaching_outputs(_packs)
    for stage in plan.stages:
        if stage.operator == "clustering.kmeans" and stage.id in reaching:
            yield Finding(
                f"what {stage.id!r} makes gets to a promised artifact unpacked: its weights share "
                "values, and take as many bytes as before",
                stage=stage.id,
                hint="add a stage that uses clustering.pack",
            )


def _packs(stage: StageView) -> bool:
    return stage.operator == "clustering.pack"


UNDONE = Lint(
    "clustering.undone",
    "training takes clustered weights apart",
    "recipec_clustering:explanations/undone.md",
    _undone,
)
UNPACKED = Lint(
    "clustering.unpacked",
    "clustered weights are stored as if they weren't",
    "recipec_clustering:explanations/unpacked.md",
    _unpacked,
)
