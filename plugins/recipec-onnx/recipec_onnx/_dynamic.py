"""The heavy half of `onnx.quantize_dynamic`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import onnx
from onnx import ModelProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from recipec.api import Artifact, LayerTable, OperatorError, RunContext, StageResult
from recipec.api.onnx import onnx_facts
from recipec_onnx._checked import check_outputs
from recipec_onnx._prepare import Prepared, prepare
from recipec_onnx._quiet import quiet
from recipec_onnx._read import write_model
from recipec_onnx._reading import drop_unused
from recipec_onnx._settle import name_weights_back, settle
from recipec_onnx._upgrade import note_upgrade
from recipec_onnx.dynamic import CHANGED, OPSET

if TYPE_CHECKING:
    from recipec_onnx.dynamic import DynamicParams, OnnxQuantizeDynamic

_SUFFIXES = ("_MatMul_quant", "_quant", "_MatMul")
"""What onnxruntime adds to the names of nodes that it replaces."""


def quantize(
    operator: OnnxQuantizeDynamic, inputs: Mapping[str, Artifact[Any]], context: RunContext
) -> StageResult:
    """Quantize the artifact `model`. Raises OperatorError when onnxruntime can't."""
    params, source, path = operator.with_, inputs["model"].path, context.path_for("model")
    prepared = prepare(source, OPSET, norms=True)
    float_path = context.scratch / "float.onnx"
    write_model(prepared.model, float_path)
    notes = note_upgrade(source, float_path, params.check, inputs, context)
    if not isinstance(prepared.layers, LayerTable):
        raise OperatorError("the model's weights have types that can't be quantized")
    chosen = operator.chosen(prepared.layers, operator.selected(prepared.layers))
    if chosen:
        plain_gemms(prepared.model)
        write_model(prepared.model, float_path)
        model = _quantized(params, float_path, _excluded(prepared, chosen), context)
        names = [node.name for node in prepared.model.graph.node]
        _name_back(model, names)
        name_weights_back(model)
        settle(model, prepared.model, names)
        write_model(model, path)
    else:
        write_model(prepared.model, path)
    checked = check_outputs(
        source,
        path,
        params.check,
        inputs.get("check.data"),
        context,
        limit=None,
        reference="the float model's",
    )
    return StageResult(
        {"model": onnx_facts(path)},
        metrics=tuple(checked.metrics),
        notes=(*notes, checked.note),
        changed={CHANGED: len(chosen)},
    )


def plain_gemms(model: ModelProto) -> None:
    """Bring factors and transposed inputs of Gemms to their weights, in place.

    onnxruntime turns only Y = X·W + B into a MatMul, and leaves the others in float.
    """
    stored = {tensor.name: tensor for tensor in model.graph.initializer}
    for place, node in reversed(list(enumerate(model.graph.node))):
        if node.op_type != "Gemm" or node.input[1] not in stored:
            continue
        given = {
            attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute
        }
        biased = len(node.input) > 2 and bool(node.input[2])
        if biased and given.get("beta", 1.0) != 1.0 and node.input[2] not in stored:
            continue
        factors = [(1, "alpha")] + ([(2, "beta")] if biased else [])
        for which, factor in factors:
            if given.get(factor, 1.0) != 1.0:
                values = numpy_helper.to_array(stored[node.input[which]])
                scaled = (values * given[factor]).astype(values.dtype)
                name = f"{node.name}.scaled_{which}"
                model.graph.initializer.append(numpy_helper.from_array(scaled, name))
                node.input[which] = name
        kept = [a for a in node.attribute if a.name == "transB"]
        turn = None
        if given.get("transA", 0):
            name = f"{node.name}.turned"
            turn = helper.make_node("Transpose", [node.input[0]], [name], name, perm=[1, 0])
            node.input[0] = name
        copies = [type(a).FromString(a.SerializeToString()) for a in kept]
        del node.attribute[:]
        node.attribute.extend(copies)
        if turn is not None:
            model.graph.node.insert(place, turn)
    drop_unused(model)


def _excluded(prepared: Prepared, chosen: frozenset[str]) -> list[str]:
    names = [
        node for layer, nodes in prepared.nodes.items() if layer not in chosen for node in nodes
    ]
    return [*names, *(f"{name}_MatMul" for name in names)]


def _quantized(
    params: DynamicParams, source: Path, excluded: list[str], context: RunContext
) -> ModelProto:
    made = context.scratch / "quantized.onnx"
    operators = {"MatMul" if name == "Gemm" else name for name in params.operators}
    try:
        with quiet():
            quantize_dynamic(
                str(source),
                str(made),
                op_types_to_quantize=sorted(operators),
                per_channel=params.per_channel,
                weight_type=QuantType.QInt8 if params.weights == "int8" else QuantType.QUInt8,
                nodes_to_exclude=excluded,
            )
    except Exception as problem:  # it raises whatever it comes upon
        said = " ".join(str(problem).split()).replace(str(source), "the model")
        raise OperatorError(f"onnxruntime can't quantize the model: {said}") from problem
    return onnx.load(made)


def _name_back(model: ModelProto, names: list[str]) -> None:
    """Give nodes the names of those that they replaced, in place."""
    wanted = set(names) - {node.name for node in model.graph.node}
    for node in model.graph.node:
        for suffix in _SUFFIXES:
            origin = node.name.removesuffix(suffix)
            if node.name.endswith(suffix) and origin in wanted:
                node.name = origin
                wanted.discard(origin)
                break
