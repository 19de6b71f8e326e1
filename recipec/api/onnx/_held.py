"""Which stored tensors belong to a node, also those that stand a few nodes away from it."""

from __future__ import annotations

from typing import Final, NamedTuple

from onnx import NodeProto, TensorProto

from recipec.api.onnx._graph import Graph, dtype_name

_RESCALED: Final = {"ConvInteger", "MatMulInteger"}
"""What gives int32, which a Cast and a Mul bring back to the values' scale."""


class Held(NamedTuple):
    """A stored tensor of a layer.

    `tensor` is its name, `used` the value that the node reads, which may be stored dequantized by
    `dequantize`, or transposed. `reader` is another node than the layer's own that reads it: the
    Add of a MatMul's bias.
    """

    tensor: str
    dequantize: NodeProto | None
    used: str
    reader: NodeProto | None = None


def hold(graph: Graph, value: str) -> Held | None:
    """Follow a value up to the tensor that it is made of."""
    stored = graph.stored(value)
    return None if stored is None else Held(*stored, value)


def dequantized_later(graph: Graph, node: NodeProto, table: Held) -> Held:
    """Give an embedding with what dequantizes the rows that were looked up."""
    if table.dequantize is None:
        for reader in graph.consumers.get(node.output[0], []):
            if reader.op_type == "DequantizeLinear" and reader.input[1] in graph.constants:
                return table._replace(dequantize=reader)
    return table


def added(graph: Graph, node: NodeProto) -> dict[str, Held]:
    """Give what the nodes behind a multiplication add to it, and scale it with.

    A MatMul's bias is the vector that its only reader adds. What multiplies integers gives int32,
    which is cast, multiplied by the scales of both factors, and may get a bias then.
    """
    found: dict[str, Held] = {}
    value = node.output[0]
    if node.op_type in _RESCALED:
        cast = _reader(graph, value, "Cast")
        scaled = cast and _reader(graph, cast.output[0], "Mul")
        if not cast or not scaled:
            return found
        factor = next((name for name in scaled.input if name != cast.output[0]), "")
        if factor not in graph.constants:  # the scale of the activations times the weight's
            product = graph.producers.get(factor)
            inner = product.input if product and product.op_type == "Mul" else ()
            # The weight's comes second; the first is constant where the rows of a table are given.
            factor = next((name for name in reversed(inner) if name in graph.constants), "")
        if factor:
            found["weight_scale"] = Held(factor, None, factor)
        value = scaled.output[0]
    elif node.op_type != "MatMul":
        return found
    if (quantize := _reader(graph, value, "QuantizeLinear")) is not None:
        again = _reader(graph, quantize.output[0], "DequantizeLinear")
        value = value if again is None else again.output[0]
    elif (cast := _reader(graph, value, "Cast")) is not None:
        value = cast.output[0]  # the Add computes in another precision
    add = _reader(graph, value, "Add")
    for other in add.input if add is not None else ():
        held = None if other == value else hold(graph, other)
        if held and _is_vector(graph, held):
            found["bias"] = held._replace(reader=add, used=held.tensor)
    return found


def weight_scales(graph: Graph) -> set[str]:
    """Name the scales of integer weights, which a Mul applies together with the activations'."""
    parts = (added(graph, node) for node in graph.nodes if node.op_type in _RESCALED)
    return {found["weight_scale"].tensor for found in parts if "weight_scale" in found}


def _reader(graph: Graph, value: str, operator: str) -> NodeProto | None:
    """Give the only reader of a value, if it is of this kind."""
    readers = graph.consumers.get(value, [])
    if len(readers) != 1 or readers[0].op_type != operator or value in graph.outputs:
        return None
    return readers[0]


def _is_vector(graph: Graph, held: Held) -> bool:
    tensor = graph.constants[held.tensor]
    is_number = "float" in dtype_name(tensor.data_type) or held.dequantize is not None
    return len(tensor.dims) == 1 and is_number


def foldable(graph: Graph) -> dict[int, NodeProto]:
    """Map the id of each batch normalization that can be folded away to the convolution before.

    It must be the only reader of the convolution's output, and the convolution the only one of its
    weight and bias.
    """
    found: dict[int, NodeProto] = {}
    for node in graph.nodes:
        if node.op_type != "BatchNormalization" or _trains(node):
            continue
        feeder = graph.producers.get(node.input[0])
        if (
            feeder is not None
            and feeder.op_type == "Conv"
            and _reader(graph, node.input[0], "BatchNormalization") is node
            and all(_owned(graph, name) for name in feeder.input[1:] if name)
            and all(graph.is_constant(name) for name in node.input[1:])
        ):
            found[id(node)] = feeder
    return found


def _trains(node: NodeProto) -> bool:
    return any(a.name == "training_mode" and a.i for a in node.attribute)


def _owned(graph: Graph, value: str) -> bool:
    """Say whether a value is a stored float tensor that no other node reads."""
    stored = graph.stored(value)
    if stored is None or graph.constants[stored[0]].data_type != TensorProto.FLOAT:
        return False
    while len(graph.consumers.get(value, [])) == 1 and value not in graph.constants:
        value = graph.producers[value].input[0]
    return len(graph.consumers.get(value, [])) == 1
