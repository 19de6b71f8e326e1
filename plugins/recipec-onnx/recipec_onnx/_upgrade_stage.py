"""The heavy half of `onnx.upgrade`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from recipec.api import Artifact, RunContext, StageResult
from recipec.api.onnx import onnx_facts
from recipec_onnx._checked import check_outputs
from recipec_onnx._prepare import prepare
from recipec_onnx._read import check_model, read_model, write_model
from recipec_onnx._settle import settle
from recipec_onnx._upgrade import TOLERANCE, opset_of
from recipec_onnx.upgrade import CHANGED

if TYPE_CHECKING:
    from recipec_onnx.upgrade import UpgradeParams


def upgrade(
    params: UpgradeParams, inputs: Mapping[str, Artifact[Any]], context: RunContext
) -> StageResult:
    """Upgrade the artifact `model`. Raises OperatorError when outputs change."""
    source, path = inputs["model"].path, context.path_for("model")
    prepared = prepare(source, params.opset, fold=False)
    settle(prepared.model, prepared.model, [node.name for node in prepared.model.graph.node])
    check_model(prepared.model, "the upgraded model")
    write_model(prepared.model, path)
    checked = check_outputs(
        source, path, params.check, inputs.get("check.data"), context, limit=TOLERANCE
    )
    raised = params.opset - opset_of(read_model(source))
    return StageResult(
        {"model": onnx_facts(path)},
        metrics=tuple(checked.metrics),
        notes=(checked.note,),
        changed={CHANGED: raised},
    )
