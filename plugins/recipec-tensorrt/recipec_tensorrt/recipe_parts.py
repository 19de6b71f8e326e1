"""What `recipec init` writes about TensorRT."""

from __future__ import annotations

from typing import Final

from recipec.api.recipe_parts import RecipePart, StagePart, Target

PARTS: Final[tuple[RecipePart, ...]] = (
    Target("tensorrt", "NVIDIA GPUs, with TensorRT"),
    StagePart(
        uses="tensorrt.build",
        id="engine",
        step="convert",
        comment="Build an engine. `tensorrt-rtx` needs no GPU to build, only to run; `tensorrt` "
        "builds for the GPU of this machine.",
        params={"runtime": "tensorrt-rtx"},
        targets=("tensorrt",),
        more={"compute_capabilities": ["8.9"], "batch": {"min": 1, "opt": 8, "max": 32}},
    ),
)
