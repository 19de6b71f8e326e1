"""Four-bit weights in exported graphs: two to a byte in the file, unpacked where they are used.

A weight [rows, columns] is stored as bytes [rows, columns / 2]; of two neighbours the first is in
the low four bits. Bytes of type int8 hold signed codes (-8 … 7, zero point 0), bytes of type uint8
unsigned ones (0 … 15, with zero points). In a graph the bytes are taken apart by shifts, and
`dequantize_per_channel_group` gives each run of `group_size` columns of a row its own scale.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.fx import GraphModule, Node

from recipec.api.torch._nodes import attribute, operand, put_parameter

aten = torch.ops.aten
dequantize_groups = torch.ops.quantized_decomposed.dequantize_per_channel_group.default


class PackedWeight(NamedTuple):
    """Where a graph unpacks a weight: the node of the bytes, that of the codes, and their type."""

    stored: Node
    codes: Node
    dtype: str


def pack_int4(codes: Tensor) -> Tensor:
    """Pack codes [rows, columns], int8 (-8 … 7) or uint8 (0 … 15), to bytes of the same type.

    Raises ValueError when the number of columns is odd.
    """
    if codes.shape[-1] % 2:
        raise ValueError(f"{codes.shape[-1]} columns don't make whole bytes")
    low, high = codes[..., 0::2] & 15, codes[..., 1::2] & 15
    return (high << 4) | low  # int8 wraps around: the sign is in the high bit


def unpack_int4(packed: Tensor) -> Tensor:
    """Undo `pack_int4`: bytes [rows, columns / 2] to codes [rows, columns] of the same type."""
    rows, half = packed.shape
    low = (packed << 4) >> 4 if packed.dtype == torch.int8 else packed & 15
    return torch.stack([low, packed >> 4], -1).reshape(rows, 2 * half)  # of int8, >> keeps the sign


def insert_unpacking(graph_module: GraphModule, packed: Node) -> Node:
    """Insert `unpack_int4` after the node of a packed weight, and give the node of its codes."""
    bytes_ = attribute(graph_module, str(packed.target))
    rows, half = bytes_.shape
    graph = graph_module.graph
    with graph.inserting_after(packed):
        if bytes_.dtype == torch.int8:
            shifted = graph.call_function(aten.bitwise_left_shift.Tensor_Scalar, (packed, 4))
            low_of = (aten.bitwise_right_shift.Tensor_Scalar, (shifted, 4))
        else:
            shifted = packed
            low_of = (aten.bitwise_and.Scalar, (packed, 15))
    with graph.inserting_after(shifted):
        low = graph.call_function(*low_of)
    with graph.inserting_after(low):
        high = graph.call_function(aten.bitwise_right_shift.Tensor_Scalar, (packed, 4))
    with graph.inserting_after(high):
        pairs = graph.call_function(aten.stack.default, ([low, high], -1))
    with graph.inserting_after(pairs):
        return graph.call_function(aten.reshape.default, (pairs, [rows, 2 * half]))


def packed_weight(dequantize: Node) -> PackedWeight | None:
    """Give what a node of grouped dequantization unpacks, None for any other node."""
    if dequantize.target is not dequantize_groups:
        return None
    codes = operand(dequantize, 0)
    stored = codes
    while stored.op == "call_function":
        first: Any = stored.args[0]
        stored = first[0] if isinstance(first, list | tuple) else first
    dtype = dequantize.args[5]
    return PackedWeight(stored, codes, "int4" if dtype == torch.int8 else "uint4")


def unpack_weights(graph_module: GraphModule) -> bool:
    """Store the codes of four-bit weights one to a byte, in place, and say whether there were any.

    For exporters whose target has four-bit tensors of its own: the shifts are gone, and the codes
    stand where their bytes did.
    """
    found = [(node, packed) for node in graph_module.graph.nodes if (packed := packed_weight(node))]
    unpacked = set()
    for node, packed in found:
        name = str(packed.stored.target)
        if name not in unpacked:
            put_parameter(graph_module, name, unpack_int4(attribute(graph_module, name)))
            unpacked.add(name)
        node.replace_input_with(packed.codes, packed.stored)
    graph_module.graph.eliminate_dead_code()
    graph_module.recompile()
    return bool(found)
