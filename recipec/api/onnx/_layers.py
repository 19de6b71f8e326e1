"""The layer table of an ONNX graph: a row for each node that has stored weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import Final, Literal

import numpy as np
from onnx import NodeProto, TensorProto

from recipec.api.layers import DTYPE_BITS, Layer, LayerTable, Tensor
from recipec.api.onnx._graph import Graph, dtype_name
from recipec.api.unknown import UNKNOWN, Unknown

_TENSORS: Final[Mapping[str, Mapping[int, str]]] = {
    "Conv": {1: "weight", 2: "bias"},
    "ConvTranspose": {1: "weight", 2: "bias"},
    "ConvInteger": {1: "weight", 3: "weight_zero_point"},
    "Gemm": {1: "weight", 2: "bias"},
    "MatMul": {0: "weight", 1: "weight"},
    "MatMulInteger": {1: "weight", 3: "weight_zero_point"},
    "QLinearConv": {3: "weight", 4: "weight_scale", 5: "weight_zero_point", 8: "bias"},
    "QLinearMatMul": {3: "weight", 4: "weight_scale", 5: "weight_zero_point"},
    "BatchNormalization": {1: "weight", 2: "bias", 3: "running_mean", 4: "running_var"},
    "InstanceNormalization": {1: "weight", 2: "bias"},
    "GroupNormalization": {1: "weight", 2: "bias"},
    "LayerNormalization": {1: "weight", 2: "bias"},
    "RMSNormalization": {1: "weight"},
    "PRelu": {1: "weight"},
    "Gather": {0: "weight"},
    "GRU": {1: "weight", 2: "recurrence", 3: "bias"},
    "LSTM": {1: "weight", 2: "recurrence", 3: "bias"},
    "RNN": {1: "weight", 2: "recurrence", 3: "bias"},
}
"""By operator: which inputs are a layer's tensors, named as torch names them."""

_MULTIPLY: Final = {
    "Conv",
    "ConvInteger",
    "ConvTranspose",
    "Gemm",
    "MatMul",
    "MatMulInteger",
    "QLinearConv",
    "QLinearMatMul",
}
_ARITHMETIC: Final = {"Add", "Concat", "Div", "Mul", "Sub"}
_BUFFERS: Final = {"running_mean", "running_var"}
_QUANTIZATION: Final = ("_scale", "_zero_point")

_Stored = tuple[str, NodeProto | None]
"""A stored tensor's name, and the node that dequantizes it."""


class _Uncountable(Exception):
    """A shape that inference can't tell, or a type that layer tables don't have."""


def layer_table(graph: Graph) -> LayerTable | Unknown:
    """Give one row for each node with stored weights, in the graph's order.

    A weight that several nodes use stands in the row of the first, which has the positions of all.
    Weights behind a DequantizeLinear are counted as stored, with their scales and zero points
    beside them; those of activations belong to no layer. The bias of a MatMul is what a following
    Add adds. UNKNOWN where shape inference can't tell how often a weight is applied, and for graphs
    with If, Loop or Scan.
    """
    if graph.has_bodies:
        return UNKNOWN
    try:
        return LayerTable(layers=tuple(_rows(graph, counted=True)))
    except _Uncountable:
        return UNKNOWN


def stored_tensors(graph: Graph) -> LayerTable | Unknown:
    """Give the rows of `layer_table` with all positions 0, also where they can't be told.

    UNKNOWN where a tensor has a type that layer tables don't have.
    """
    try:
        return LayerTable(layers=tuple(_rows(graph, counted=False)))
    except _Uncountable:
        return UNKNOWN


def _rows(graph: Graph, *, counted: bool) -> Iterator[Layer]:
    rows: dict[str, Layer] = {}  # by the stored tensor that makes it a layer
    told: set[str] = set()
    for index, node in enumerate(graph.nodes):
        stored = _stored(graph, node, told)
        if not stored:
            continue
        key = next(iter(stored.values()))[0]
        tensors = [t for name, found in stored.items() for t in _tensors(graph, name, *found)]
        weight = next((t for t in tensors if t.name == "weight"), None)
        positions = 0
        if counted and weight is not None and node.op_type in _MULTIPLY:
            times = _multiplications(graph, node) // weight.elements
            positions = times // graph.batch if times % graph.batch == 0 else times
        if key in rows:
            positions += rows[key].positions
            rows[key] = rows[key].model_copy(update={"positions": positions})
            continue
        told |= {name for name, _ in stored.values()}
        rows[key] = Layer(
            name=node.name or f"{node.op_type}_{index}",
            type=node.op_type,
            tensors=tuple(sorted(tensors, key=lambda t: t.role == "quantization")),
            positions=positions,
        )
    yield from rows.values()


def _stored(graph: Graph, node: NodeProto, told: set[str]) -> dict[str, _Stored]:
    """Give the stored tensors of a node by name, none if it isn't a layer."""
    found: dict[str, _Stored] = {}
    for place, name in _TENSORS.get(node.op_type, {}).items():
        if place < len(node.input) and (stored := graph.stored(node.input[place])):
            found.setdefault(name, stored)
    if node.op_type in _MULTIPLY and "weight" not in found:
        return {}
    if node.op_type == "Gather" and found and not _is_table(graph.constants[found["weight"][0]]):
        return {}
    if node.op_type == "MatMul" and (bias := _added(graph, node)):
        found["bias"] = bias
    if node.op_type in _ARITHMETIC:
        for value in node.input:
            stored = graph.stored(value)
            if stored and stored[0] not in told and _is_parameter(graph.constants[stored[0]]):
                found[stored[0].rpartition(".")[2]] = stored
    return found


def _is_table(tensor: TensorProto) -> bool:
    """Tell an embedding from the shape or index vector that most Gathers pick from."""
    return len(tensor.dims) > 1 and dtype_name(tensor.data_type) != "int64"


def _is_parameter(tensor: TensorProto) -> bool:
    """Tell a parameter from the constants of arithmetic, which are single numbers."""
    return "float" in dtype_name(tensor.data_type) and prod(tensor.dims) > 1


def _tensors(
    graph: Graph, name: str, stored: str, dequantize: NodeProto | None
) -> Iterator[Tensor]:
    """Describe a stored tensor, and the scale and zero point that dequantize it."""
    zero_point = None
    if dequantize is not None and len(dequantize.input) > 2 and dequantize.input[2]:
        zero_point = dequantize.input[2]
    yield _described(graph, name, stored, zero_point)
    if dequantize is not None:
        yield _described(graph, f"{name}_scale", dequantize.input[1])
        if zero_point is not None:
            yield _described(graph, f"{name}_zero_point", zero_point)


def _described(graph: Graph, name: str, stored: str, zero_point: str | None = None) -> Tensor:
    values = graph.array(stored)
    if values is None:
        raise _Uncountable(stored)
    dtype = dtype_name(graph.constants[stored].data_type)
    if dtype not in DTYPE_BITS:
        raise _Uncountable(dtype)
    role: Literal["parameter", "buffer", "quantization"] = "parameter"
    if name.endswith(_QUANTIZATION):
        role = "quantization"
    elif name in _BUFFERS:
        role = "buffer"
    zeros: int | Unknown = UNKNOWN
    if role != "quantization":
        zero = None if zero_point is None else graph.array(zero_point)
        if zero is None or not np.any(zero):
            zeros = values.size - int(np.count_nonzero(values))
        elif zero.size == 1:
            zeros = int(np.count_nonzero(values == zero.reshape(())))
    return Tensor(name=name, shape=values.shape, dtype=dtype, role=role, zeros=zeros)


def _added(graph: Graph, node: NodeProto) -> _Stored | None:
    """Give the vector that the only reader of a MatMul adds to it."""
    name = node.output[0]
    readers = graph.consumers.get(name, [])
    if len(readers) != 1 or readers[0].op_type != "Add" or name in graph.outputs:
        return None
    for other in readers[0].input:
        if other != name and (found := graph.stored(other)):
            return found if len(graph.constants[found[0]].dims) == 1 else None
    return None


def _multiplications(graph: Graph, node: NodeProto) -> int:
    """Count the multiply-adds of a node, for the whole batch."""
    if node.op_type == "ConvTranspose":
        given, weight = _shape(graph, node.input[0]), _shape(graph, node.input[1])
        return prod(given) * prod(weight[1:])
    made = prod(_shape(graph, node.output[0]))
    if "Conv" in node.op_type:
        weight = _shape(graph, node.input[3 if node.op_type == "QLinearConv" else 1])
        return made * prod(weight[1:])
    first = _shape(graph, node.input[0])
    transposed = any(a.name == "transA" and a.i for a in node.attribute)
    return made * first[-2 if transposed else -1]


def _shape(graph: Graph, name: str) -> tuple[int, ...]:
    if name in graph.constants:
        return tuple(graph.constants[name].dims)
    if name not in graph.shapes:
        raise _Uncountable(name)
    return graph.shapes[name]
