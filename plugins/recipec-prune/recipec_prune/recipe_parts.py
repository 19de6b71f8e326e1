"""What `recipec init` writes about pruning."""

from __future__ import annotations

from typing import Final

from recipec.api.recipe_parts import RecipePart, StagePart


def _channels(round_to: int, *targets: str) -> StagePart:
    return StagePart(
        uses="prune.channels",
        id="prune",
        step="shrink",
        comment="Take out the least important channels. A larger `amount` makes the model smaller "
        "and faster, and less accurate. Layers can be kept whole with `exclude`.",
        params={"amount": "50%", "round_to": round_to},
        targets=targets,
        more={"exclude": ["type:Linear"]},
    )


PARTS: Final[tuple[RecipePart, ...]] = (
    _channels(8, "onnxruntime", "torch"),
    _channels(16, "tensorrt"),  # int8 kernels of GPUs want blocks of 16 channels
)
