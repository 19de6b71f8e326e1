"""`graphsurgeon.fold`: what depends on constants only is computed once and for all."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from recipec.api import UNKNOWN, Artifact, OnnxModel, RunContext, StageResult
from recipec.api.units import ByteSize
from recipec_graphsurgeon.surgery import Foreseen, Surgery, SurgeryParams


class FoldParams(SurgeryParams):
    """Parameters of `graphsurgeon.fold`."""

    shapes: bool = Field(
        True,
        description="Whether shapes that are fixed count as constants too, and casts in the "
        "arithmetic of shapes are left out.",
    )
    largest: ByteSize | None = Field(
        None,
        description="The largest tensor that folding may store, as a number of bytes with its "
        "unit; what would give a larger one is left to be computed. Left out, any size.",
    )


class Fold(Surgery[FoldParams]):
    """Folds constants with onnx-graphsurgeon: what depends on stored tensors only is computed.

    An If whose condition is constant becomes the branch that is taken. Q/DQ nodes of weights stay.
    What no output needs leaves too. Folding can make a file larger: a stored result may be bigger
    than what it's made of.
    """

    id = "graphsurgeon.fold"
    version = 1
    summary = "Fold constants of an ONNX model"
    params = FoldParams

    def foresee(self, model: OnnxModel) -> Foreseen:
        casts = not isinstance(model.operators, dict) or "Cast" in model.operators
        made = model.model_copy(
            update={
                "layers": UNKNOWN,
                "operators": UNKNOWN,
                # A folded Cast of a weight leaves a weight of another type.
                "precision": UNKNOWN if casts else model.precision,
            }
        )
        return Foreseen(made, {"nodes folded": UNKNOWN})

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_graphsurgeon._fold import fold

        return fold(self.with_, inputs, context)
