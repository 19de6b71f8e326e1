"""The heavy half of `onnx.convert_precision`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from onnx import ModelProto

from recipec.api import Artifact, LayerTable, OperatorError, RunContext, StageResult
from recipec.api.onnx import onnx_facts
from recipec_onnx._checked import check_outputs
from recipec_onnx._halve import Halving
from recipec_onnx._prepare import Prepared, prepare
from recipec_onnx._read import check_model, write_model
from recipec_onnx._settle import settle
from recipec_onnx._upgrade import note_upgrade
from recipec_onnx.precision import CHANGED, OPSETS, TOLERANCES

if TYPE_CHECKING:
    from recipec_onnx.precision import OnnxConvertPrecision


def convert(
    operator: OnnxConvertPrecision, inputs: Mapping[str, Artifact[Any]], context: RunContext
) -> StageResult:
    """Convert the artifact `model`. Raises OperatorError when outputs are too different."""
    params, source, path = operator.with_, inputs["model"].path, context.path_for("model")
    prepared = prepare(source, OPSETS[params.to])
    float_path = context.scratch / "float.onnx"
    write_model(prepared.model, float_path)
    notes = list(note_upgrade(source, float_path, params.check, inputs, context))
    if not isinstance(prepared.layers, LayerTable):
        raise OperatorError("the model's weights have types that can't be converted")
    converted = operator.converted(prepared.layers, operator.selected(prepared.layers))
    kept = _kept(operator, prepared, converted)
    model, clipped = _made(operator, prepared, kept, simulated=False)
    check_model(model, "the converted model")
    write_model(model, path)
    runnable = path
    if params.to == "bfloat16":
        runnable = context.scratch / "simulated.onnx"
        write_model(_made(operator, prepared, kept, simulated=True)[0], runnable)
    lost = f"{clipped} weights lie outside of {params.to}'s range and were clipped"
    try:
        checked = check_outputs(
            source,
            runnable,
            params.check,
            inputs.get("check.data"),
            context,
            limit=TOLERANCES[params.to],
            reference="the float32 model's",
        )
    except OperatorError as problem:
        if not clipped:
            raise
        message = f"{problem.message}; {lost}"
        raise OperatorError(
            message, at=problem.at, hint="keep these layers in float32"
        ) from problem
    if clipped:
        notes.append(lost)
    return StageResult(
        {"model": onnx_facts(path)},
        metrics=tuple(checked.metrics),
        notes=(*notes, checked.note),
        changed={CHANGED: len(converted)},
    )


def _made(
    operator: OnnxConvertPrecision, prepared: Prepared, kept: set[str], *, simulated: bool
) -> tuple[ModelProto, int]:
    model = ModelProto()
    model.CopyFrom(prepared.model)
    params = operator.with_
    keep_io = params.keep_io or simulated  # NumPy has no bfloat16, so onnxruntime takes none
    halving = Halving(model, params.to, kept, keep_io=keep_io, simulated=simulated)
    halving.convert()
    settle(model, prepared.model, [node.name for node in prepared.model.graph.node])
    return model, halving.clipped


def _kept(
    operator: OnnxConvertPrecision, prepared: Prepared, converted: frozenset[str]
) -> set[str]:
    """Name the nodes that stay float32: by operator, and those of layers that are kept."""
    kept = {
        node.name
        for node in prepared.model.graph.node
        if node.op_type in operator.with_.keep_operators
    }
    for layer, nodes in prepared.nodes.items():
        if layer not in converted:
            kept.update(nodes)
    return kept
