"""What `recipec init` writes about quantization."""

from __future__ import annotations

from typing import Final

from recipec.api.recipe_parts import RecipePart, StagePart

_COMMENT: Final = (
    "Weights and activations become int8. Ranges are found on calibration samples: more of them "
    "are rarely better. Layers that lose too much can stay in float with `exclude`."
)


def _static(target: str, runtime: str) -> StagePart:
    return StagePart(
        uses="quantize.static",
        id="int8",
        step="quantize",
        comment=_COMMENT,
        params={"target": target, "calibration": {"data": "{train}", "samples": 256}},
        targets=(runtime,),
        more={"exclude": ["type:Linear"]},
    )


PARTS: Final[tuple[RecipePart, ...]] = (
    _static("cpu", "onnxruntime"),
    _static("tensorrt", "tensorrt"),
)
