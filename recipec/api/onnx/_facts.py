"""The facts of an ONNX model, from its file alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import prod
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # no types
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto

from recipec.api.artifacts import OnnxModel, Quantization, TensorSpec
from recipec.api.errors import OperatorError
from recipec.api.layers import LayerTable
from recipec.api.onnx._graph import Graph, dtype_name, nodes_within
from recipec.api.onnx._layers import layer_table, stored_tensors
from recipec.api.quantization import dynamic_scheme, precision_of
from recipec.api.unknown import UNKNOWN, Unknown


def onnx_facts(path: Path) -> OnnxModel:
    """Read a model's facts: opset, operators, inputs and outputs, layers, quantization.

    Shapes come from ONNX's own shape inference. Where it can't tell how often a weight is applied,
    the layer table is UNKNOWN. Raises OperatorError when the file isn't an ONNX model.
    """
    model = _read(path)
    graph = Graph(model, path.parent)
    table, stored = layer_table(graph), stored_tensors(graph)
    return OnnxModel(
        inputs=tuple(map(_spec, graph.inputs)),
        outputs=tuple(map(_spec, model.graph.output)),
        layers=table,
        precision=UNKNOWN if isinstance(stored, Unknown) else precision_of(stored),
        quantization=_quantization(graph, stored),
        opset=_opset(model),
        operators=dict(sorted(Counter(map(_operator, nodes_within(model.graph))).items())),
    )


def _read(path: Path) -> ModelProto:
    try:
        model = onnx.load(path, load_external_data=False)
    except (OSError, DecodeError) as problem:
        raise OperatorError(f"{path.name} can't be read as an ONNX model: {problem}") from problem
    if not model.opset_import or not model.graph.output:
        raise OperatorError(f"{path.name} is not an ONNX model: it has no opset or no outputs")
    return model


def _opset(model: ModelProto) -> int:
    return max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=1)


def _operator(node: NodeProto) -> str:
    standard = node.domain in ("", "ai.onnx")
    return str(node.op_type) if standard else f"{node.domain}::{node.op_type}"


def _spec(value: ValueInfoProto) -> TensorSpec:
    """Describe an input or output; an unnamed free dimension is "?"."""
    kind = value.type.WhichOneof("value") or "tensor_type"
    if kind != "tensor_type":  # what classical models give: sequences and maps
        return TensorSpec(name=value.name, shape=(), dtype=kind.removesuffix("_type"))
    tensor = value.type.tensor_type
    shape: list[int | str] = []
    for dim in tensor.shape.dim:
        shape.append(int(dim.dim_value) if dim.HasField("dim_value") else dim.dim_param or "?")
    return TensorSpec(name=value.name, shape=tuple(shape), dtype=dtype_name(tensor.elem_type))


def _quantization(graph: Graph, stored: LayerTable | Unknown) -> Quantization | Unknown | None:
    """Say how the activations are quantized, None where none are."""
    activations = set(_schemes(graph, weights=False))
    if not activations:
        if not any(node.op_type.startswith("DynamicQuantize") for node in graph.nodes):
            return None
        return UNKNOWN if isinstance(stored, Unknown) else dynamic_scheme(stored)
    symmetric = activations == {"int8 symmetric per tensor"}
    return Quantization(
        target="tensorrt" if symmetric else "cpu",
        weights=", ".join(sorted(set(_schemes(graph, weights=True)))) or "float",
        activations=", ".join(sorted(activations)),
    )


def _schemes(graph: Graph, *, weights: bool) -> Iterator[str]:
    """Describe what each (de)quantization does, to stored weights or else to activations."""
    for node in graph.nodes:
        if weights and node.op_type == "DequantizeLinear" and node.input[0] in graph.constants:
            stored = graph.constants[node.input[0]]
            # A bias's scale is its input's × the weight's, and single numbers are no weights.
            if stored.data_type != TensorProto.INT32 and prod(stored.dims) != 1:
                yield _scheme(graph, node, dtype_name(stored.data_type))
        elif (
            not weights
            and node.op_type == "QuantizeLinear"
            and not graph.is_constant(node.input[0])
        ):
            yield _scheme(graph, node, None)


def _scheme(graph: Graph, node: NodeProto, dtype: str | None) -> str:
    zero_point = graph.array(node.input[2]) if len(node.input) > 2 and node.input[2] else None
    if dtype is None:
        dtype = "uint8" if zero_point is None else str(zero_point.dtype)
    scale = graph.array(node.input[1])
    centred = zero_point is None or not zero_point.any()
    symmetry = "symmetric" if centred and dtype.startswith("int") else "affine"
    grain = "channel" if scale is not None and scale.size > 1 else "tensor"
    return f"{dtype} {symmetry} per {grain}"
