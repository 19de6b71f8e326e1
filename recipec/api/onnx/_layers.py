"""The layer table of an ONNX graph: a row for each node that has stored weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import Final, Literal

import numpy as np
from onnx import NodeProto, TensorProto

from recipec.api.layers import DTYPE_BITS, Layer, LayerTable, Tensor
from recipec.api.onnx._graph import Graph, dtype_name
from recipec.api.onnx._held import Held, added, dequantized_later, foldable, hold, weight_scales
from recipec.api.onnx._rows import is_row_scale, row_scales
from recipec.api.unknown import UNKNOWN, Unknown

_TENSORS: Final[Mapping[str, Mapping[int, str]]] = {
    "Conv": {1: "weight", 2: "bias"},
    "ConvTranspose": {1: "weight", 2: "bias"},
    "ConvInteger": {1: "weight", 3: "weight_zero_point"},
    "Gemm": {1: "weight", 2: "bias"},
    "MatMul": {0: "weight", 1: "weight"},
    "MatMulInteger": {1: "weight", 3: "weight_zero_point"},
    "DynamicQuantizeLSTM": {
        1: "weight",
        2: "recurrence",
        3: "bias",
        8: "weight_scale",
        9: "weight_zero_point",
        10: "recurrence_scale",
        11: "recurrence_zero_point",
    },
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


class _Uncountable(Exception):
    """A shape that inference can't tell, or a type that layer tables don't have."""


def layer_table(graph: Graph) -> LayerTable | Unknown:
    """Give one row for each node with stored weights, in the graph's order.

    A weight that several nodes use stands in the row of the first, which has the positions of all.
    Its shape is that in which the node gets it, also where it is stored in another one. Weights
    behind a DequantizeLinear are counted as stored, with their scales and zero points beside them;
    those of activations belong to no layer. The bias of a MatMul is what a following Add adds.
    UNKNOWN where shape inference can't tell how often a weight is applied, and for graphs with If,
    Loop or Scan.
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


def layer_nodes(graph: Graph) -> dict[str, tuple[NodeProto, ...]]:
    """Give the nodes of each row, by its name: those that use the weight, and add the bias."""
    found: dict[str, list[NodeProto]] = {}
    names: dict[tuple[str, ...], str] = {}
    for node, held in _layers(graph):
        key = _identity(node, held)
        name = names.setdefault(key, layer_name(graph, node))
        found.setdefault(name, []).append(node)
        if (bias := held.get("bias")) is not None and bias.reader is not None:
            found[name].append(bias.reader)
    return {name: tuple(nodes) for name, nodes in found.items()}


def layer_name(graph: Graph, node: NodeProto) -> str:
    """Give the name of a node, or its operator and place where it has none."""
    return node.name or f"{node.op_type}_{graph.places[id(node)]}"


def _layers(graph: Graph) -> Iterator[tuple[NodeProto, Mapping[str, Held]]]:
    told = weight_scales(graph)
    for node in graph.nodes:
        if held := _held(graph, node, told):
            yield node, held
            told |= {one.tensor for one in held.values()}


def _rows(graph: Graph, *, counted: bool) -> Iterator[Layer]:
    rows: dict[tuple[str, ...], Layer] = {}
    seen: set[str] = set()
    folds = foldable(graph)
    for node, held in _layers(graph):
        key = _identity(node, held)
        tensors = [
            tensor
            for name, one in held.items()
            if (name == "weight" and node.op_type in _MULTIPLY) or one.tensor not in seen
            for tensor in _tensors(graph, name, one)
        ]
        seen |= {one.tensor for one in held.values()}
        weight = next((t for t in tensors if t.name == "weight"), None)
        positions = 0
        if counted and weight is not None and node.op_type in _MULTIPLY:
            times = _multiplications(graph, node) // weight.elements
            positions = times // graph.batch if times % graph.batch == 0 else times
        if key in rows:
            positions += rows[key].positions
            rows[key] = rows[key].model_copy(update={"positions": positions})
            continue
        feeder = folds.get(id(node))
        rows[key] = Layer(
            name=layer_name(graph, node),
            type=node.op_type,
            tensors=tuple(sorted(tensors, key=lambda t: t.role == "quantization")),
            positions=positions,
            folds_into=None if feeder is None else layer_name(graph, feeder),
        )
    yield from rows.values()


def _identity(node: NodeProto, held: Mapping[str, Held]) -> tuple[str, ...]:
    """Say which layer a node is: by what is multiplied with, or by all that is stored for it.

    Two normalizations may have one weight, of ones that an exporter stored once, and be two layers.
    """
    names = tuple(one.tensor for one in held.values())
    return names[:1] if node.op_type in _MULTIPLY else names


def _held(graph: Graph, node: NodeProto, told: set[str]) -> dict[str, Held]:
    """Give the stored tensors of a node by name, none if it isn't a layer."""
    found: dict[str, Held] = {}
    for place, name in _TENSORS.get(node.op_type, {}).items():
        if place < len(node.input) and (held := hold(graph, node.input[place])):
            found.setdefault(name, held)
    if node.op_type in _MULTIPLY and "weight" not in found:
        return {}
    if node.op_type == "Gather" and found:
        if not _is_table(graph.constants[found["weight"].tensor]) or is_row_scale(graph, node):
            return {}
        found["weight"] = dequantized_later(graph, node, found["weight"])
        found |= row_scales(graph, node)
    if node.op_type in _MULTIPLY and "bias" not in found:
        found |= added(graph, node)
    if node.op_type in _ARITHMETIC:
        for value in node.input:
            held = hold(graph, value)
            if held and held.tensor not in told and _is_parameter(graph, held):
                found[held.tensor.rpartition(".")[2]] = held
    return found


def _is_table(tensor: TensorProto) -> bool:
    """Tell an embedding from the shape or index vector that most Gathers pick from."""
    return len(tensor.dims) > 1 and dtype_name(tensor.data_type) != "int64"


def _is_parameter(graph: Graph, held: Held) -> bool:
    """Tell a parameter from the constants of arithmetic, which are single numbers."""
    tensor = graph.constants[held.tensor]
    is_number = "float" in dtype_name(tensor.data_type) or held.dequantize is not None
    return is_number and prod(tensor.dims) > 1


def _tensors(graph: Graph, name: str, held: Held) -> Iterator[Tensor]:
    """Describe a stored tensor, and the scale and zero point that dequantize it."""
    dequantize = held.dequantize
    zero_point = None
    if dequantize is not None and len(dequantize.input) > 2 and dequantize.input[2]:
        zero_point = dequantize.input[2]
    yield _described(graph, name, held.tensor, held.used, zero_point)
    if dequantize is not None:
        yield _described(graph, f"{name}_scale", dequantize.input[1])
        if zero_point is not None:
            yield _described(graph, f"{name}_zero_point", zero_point)


def _described(
    graph: Graph, name: str, stored: str, used: str = "", zero_point: str | None = None
) -> Tensor:
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
    if stored in graph.filled:
        zeros = 0 if graph.filled[stored] else values.size
    elif role != "quantization":
        zero = None if zero_point is None else graph.array(zero_point)
        if zero is None or not np.any(zero):
            zeros = values.size - int(np.count_nonzero(values))
        elif zero.size == 1:
            zeros = int(np.count_nonzero(values == zero.reshape(())))
    shape = graph.shapes.get(used, values.shape)
    if prod(shape) != values.size:
        shape = values.shape
    return Tensor(name=name, shape=shape, dtype=dtype, role=role, zeros=zeros)


def _multiplications(graph: Graph, node: NodeProto) -> int:
    """Count the multiply-adds of a node, for the whole batch."""
    if node.op_type == "ConvTranspose":
        given, weight = _shape(graph, node.input[0]), _shape(graph, node.input[1])
        return prod(given) * prod(weight[1:])
    made = _shape(graph, node.output[0])
    if "Conv" in node.op_type:
        weight = _shape(graph, node.input[3 if node.op_type == "QLinearConv" else 1])
        return prod(made) * prod(weight[1:])
    return prod(made) * _inner(graph, node, made)


def _inner(graph: Graph, node: NodeProto, made: tuple[int, ...]) -> int:
    """Give the length of the dimension that a matrix multiplication sums over."""
    place = 3 if node.op_type == "QLinearMatMul" else 1
    weight = graph.stored(node.input[place])
    if weight is not None and len(graph.constants[weight[0]].dims) == 2:
        return int(prod(graph.constants[weight[0]].dims)) // made[-1]
    first = _shape(graph, node.input[0])
    transposed = any(a.name == "transA" and a.i for a in node.attribute)
    return first[-2 if transposed else -1]


def _shape(graph: Graph, name: str) -> tuple[int, ...]:
    if name in graph.constants:
        return tuple(graph.constants[name].dims)
    if name not in graph.shapes:
        raise _Uncountable(name)
    return graph.shapes[name]
