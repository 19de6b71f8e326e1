"""The heavy half of `onnx.simplify`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import onnx.inliner
import onnxslim
from onnx import ModelProto

from recipec.api import Artifact, OperatorError, RunContext, StageResult
from recipec.api.onnx import onnx_facts
from recipec_onnx._checked import check_outputs
from recipec_onnx._quiet import quiet
from recipec_onnx._read import check_model, read_model, write_model
from recipec_onnx._settle import settle
from recipec_onnx._upgrade import opset_of
from recipec_onnx.simplify import CHANGED, TOLERANCE

if TYPE_CHECKING:
    from recipec_onnx.simplify import SimplifyParams

_INFERRED = 7
"""The first opset whose shapes onnxslim infers; of an older model it then makes nothing at all."""


def simplify(
    params: SimplifyParams, inputs: Mapping[str, Artifact[Any]], context: RunContext
) -> StageResult:
    """Simplify the artifact `model`. Raises OperatorError when outputs change."""
    source, path = inputs["model"].path, context.path_for("model")
    model = read_model(source)
    if model.functions:
        model = onnx.inliner.inline_local_functions(model)
    slim = _slim(model, params)
    specs = list(model.graph.input), list(model.graph.output)
    for ours, theirs in zip(specs, (slim.graph.input, slim.graph.output), strict=True):
        stored = {tensor.name for tensor in model.graph.initializer}
        kept = [value for value in ours if value.name not in stored]
        del theirs[:]
        theirs.extend(kept)  # as they were: free dimensions keep their names
    settle(slim, model, [node.name for node in model.graph.node])
    slim.ir_version = max(model.ir_version, 4)  # weights aren't inputs any more
    check_model(slim, "the simplified model")
    write_model(slim, path)
    checked = check_outputs(
        source, path, params.check, inputs.get("check.data"), context, limit=TOLERANCE
    )
    removed = len(model.graph.node) - len(slim.graph.node)
    return StageResult(
        {"model": onnx_facts(path)},
        metrics=tuple(checked.metrics),
        notes=(f"{len(model.graph.node)} → {len(slim.graph.node)} nodes", checked.note),
        changed={CHANGED: max(removed, 0)},
    )


def _slim(model: ModelProto, params: SimplifyParams) -> ModelProto:
    copy = ModelProto()
    copy.CopyFrom(model)
    try:
        with quiet():
            made = onnxslim.slim(
                copy,
                skip_fusion_patterns=list(params.skip_fusions) or None,
                no_shape_infer=opset_of(model) < _INFERRED,
            )
    except Exception as problem:  # it raises whatever it comes upon
        said = " ".join(str(problem).split())
        raise OperatorError(
            f"onnxslim can't simplify the model: {type(problem).__name__}: {said}"
        ) from problem
    assert isinstance(made, ModelProto)
    return made
