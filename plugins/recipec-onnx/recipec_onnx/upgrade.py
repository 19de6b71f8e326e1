"""`onnx.upgrade`: the same model with a newer opset."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    Artifact,
    Facts,
    OnnxModel,
    Operator,
    OperatorError,
    Params,
    PlanContext,
    Port,
    Requirement,
    RunContext,
    StagePlan,
    StageResult,
    Unknown,
)
from recipec.api.output_check import OutputCheck, refuse_other_inputs
from recipec_onnx.changes import after
from recipec_onnx.requirements import QUANTIZER

CHANGED = "opset raised by"


class UpgradeParams(Params):
    """Parameters of `onnx.upgrade`."""

    opset: int = Field(
        21, ge=7, le=26, description="The opset to reach: 13 for Q/DQ per channel, 21 for int4."
    )
    check: OutputCheck = Field(
        OutputCheck(),
        description="How outputs are compared with those before. Without a tolerance, the largest "
        "difference may be 1e-4 of their range.",
    )


class OnnxUpgrade(Operator[UpgradeParams]):
    """Brings a model to a newer opset with ONNX's own version converter.

    Operators that need a newer opset upgrade by themselves; this is for other tools, and for
    looking at what an upgrade does.
    """

    id: ClassVar[str] = "onnx.upgrade"
    version: ClassVar[int] = 1
    summary: ClassVar[str] = "Upgrade an ONNX model's opset, and compare outputs before and after"
    params = UpgradeParams
    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(OnnxModel, "any ONNX model")}
    outputs: ClassVar[Mapping[str, Port]] = {"model": Port(OnnxModel, "the upgraded model")}
    requires: ClassVar[tuple[Requirement, ...]] = QUANTIZER

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        model, wanted = inputs["model"], self.with_.opset
        assert isinstance(model, OnnxModel)
        refuse_other_inputs(model, inputs.get("check.data"), ("check", "data"))
        made = after(
            model,
            opset=wanted,
            layers=model.layers,
            precision=model.precision,
            quantization=model.quantization,
        )
        if isinstance(model.opset, Unknown):
            return StagePlan({"model": made}, changed={CHANGED: UNKNOWN})
        if wanted < model.opset:
            raise OperatorError(
                f"the model has opset {model.opset} already, and can't be brought back to {wanted}",
                at=("opset",),
            )
        return StagePlan(
            {"model": made},
            (f"opset {model.opset} → {wanted}",),
            changed={CHANGED: wanted - model.opset},
        )

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_onnx._upgrade_stage import upgrade

        return upgrade(self.with_, inputs, context)
