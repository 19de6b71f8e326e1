"""`onnx.simplify`: the same function with fewer nodes."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    Artifact,
    Facts,
    OnnxModel,
    Operator,
    Params,
    PlanContext,
    Port,
    Precision,
    Requirement,
    RunContext,
    StagePlan,
    StageResult,
    Unknown,
)
from recipec.api.output_check import OutputCheck, refuse_other_inputs
from recipec_onnx.changes import after
from recipec_onnx.requirements import ONNX, ONNXRUNTIME, SLIM

CHANGED = "nodes removed"
TOLERANCE = 1e-4
"""What difference passes where the recipe doesn't say, as a share of the outputs' range."""


class SimplifyParams(Params):
    """Parameters of `onnx.simplify`."""

    skip_fusions: tuple[str, ...] = Field(
        (),
        description="onnxslim's fusion patterns that are left out, by its names.",
        examples=[["FusionConvBN"]],
    )
    check: OutputCheck = Field(
        OutputCheck(),
        description="How outputs are compared with those before. Without a tolerance, the largest "
        "difference may be 1e-4 of their range.",
    )


class OnnxSimplify(Operator[SimplifyParams]):
    """Folds constants, drops dead and double nodes, fuses some patterns, with onnxslim.

    Inputs and outputs stay as they are, free dimensions too. Which layers stay, and how they are
    called, is known afterwards.
    """

    id: ClassVar[str] = "onnx.simplify"
    version: ClassVar[int] = 1
    summary: ClassVar[str] = (
        "Simplify an ONNX graph (onnxslim), and compare outputs before and after"
    )
    params = SimplifyParams
    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(OnnxModel, "any ONNX model")}
    outputs: ClassVar[Mapping[str, Port]] = {"model": Port(OnnxModel, "the simplified model")}
    requires: ClassVar[tuple[Requirement, ...]] = (ONNX, ONNXRUNTIME, SLIM)

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        model = inputs["model"]
        assert isinstance(model, OnnxModel)
        refuse_other_inputs(model, inputs.get("check.data"), ("check", "data"))
        # Folding a Cast of weights changes a precision, but not that of a float32 model.
        precision: Precision | Unknown = "fp32" if model.precision == "fp32" else UNKNOWN
        effects: tuple[str, ...] = ()
        if isinstance(model.operators, dict):
            effects = (f"{sum(model.operators.values())} nodes before",)
        return StagePlan(
            {"model": after(model, precision=precision, quantization=model.quantization)},
            effects,
            changed={CHANGED: UNKNOWN},
        )

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_onnx._simplify import simplify

        return simplify(self.with_, inputs, context)
