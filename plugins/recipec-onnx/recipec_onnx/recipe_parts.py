"""What `recipec init` writes about ONNX."""

from __future__ import annotations

from typing import Final

from recipec.api.recipe_parts import RecipePart, StagePart, Target

PARTS: Final[tuple[RecipePart, ...]] = (
    Target("onnxruntime", "CPUs, with ONNX Runtime"),
    StagePart(
        uses="onnx.export",
        id="onnx",
        step="convert",
        comment="Convert to ONNX, and see on real samples that the outputs are the same.",
        params={"check": {"data": "{validation}"}},
        targets=("onnxruntime", "tensorrt"),
        more={"opset": 18},
    ),
)
