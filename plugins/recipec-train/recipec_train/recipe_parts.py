"""What `recipec init` writes about training."""

from __future__ import annotations

from typing import Any, Final

from recipec.api.recipe_parts import RecipePart, StagePart

_MORE: Final[dict[str, Any]] = {
    "batch_size": 64,
    "optimizer": {"name": "sgd", "lr": 0.01},
    "precision": "bf16-mixed",
}

PARTS: Final[tuple[RecipePart, ...]] = (
    StagePart(
        uses="train.fit",
        id="trained",
        step="train",
        comment="There are no weights yet, so train first. More `epochs` make it better and take "
        "longer.",
        params={"data": "{train}", "epochs": 10},
        more=_MORE,
    ),
    StagePart(
        uses="train.fit",
        id="retrain",
        step="recover",
        comment="Train again, which brings back most of the accuracy that was lost. With good "
        "weights, a lower learning rate than the default (0.1) is better.",
        params={"data": "{train}", "epochs": 5},
        more=_MORE,
    ),
)
