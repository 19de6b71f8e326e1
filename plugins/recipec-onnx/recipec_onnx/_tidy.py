"""Bring an exported graph into the one form that the plan counts on, without what isn't needed.

torch's exporter can optimize by itself, but then the graph depends on values: a bias that happens
to be zero vanishes, two equal tensors become one. Here it depends on the module's structure alone.
"""

from __future__ import annotations

from collections.abc import Set
from math import prod

import numpy as np
import onnx_ir as ir
import onnx_ir.passes.common as passes
import onnxscript.optimizer

from recipec_onnx._quiet import quiet

_BIASED = {"Conv", "ConvTranspose", "Gemm"}
_LARGEST_CONSTANT = 1
"""Elements up to which equal constants are stored once: scales and zero points, not weights."""

_MOVING = {"Concat", "Reshape", "Slice", "Squeeze", "Transpose", "Unsqueeze"}
"""What brings a recurrent layer's weights into ONNX's order. It makes nothing larger."""
_LARGEST_MADE = 512 * 512
"""Elements up to which what other nodes make of constants is stored instead."""
_LARGEST_FOLDED = 2**31


def tidy(model: ir.Model, tensors: Set[str]) -> None:
    """Fold constants, drop dead nodes and artificial biases, in place.

    `tensors` are the names of the program's own parameters and buffers.
    """
    passes.InlinePass()(model)
    with quiet():  # it warns of each node that ONNX's reference can't evaluate, and leaves it
        onnxscript.optimizer.fold_constants(
            model, should_fold=_should_fold, output_size_limit=_LARGEST_FOLDED
        )
    graph = model.graph
    for node in graph:
        if node.op_type == "Reshape":
            _fix_shape(graph, node)
        elif node.op_type in _BIASED:
            _drop_artificial_bias(node, tensors)
    for stored in list(graph.initializers.values()):
        _transpose_as_used(graph, stored)
    for clean in (
        passes.RemoveUnusedNodesPass(),
        passes.LiftConstantsToInitializersPass(lift_all_constants=True, size_limit=0),
        passes.DeduplicateInitializersPass(size_limit=_LARGEST_CONSTANT),
        passes.CommonSubexpressionEliminationPass(),
        passes.RemoveUnusedNodesPass(),
        passes.RemoveUnusedOpsetsPass(),
    ):
        clean(model)


def _should_fold(node: ir.Node) -> bool | None:
    """Say whether a node of constants is folded; None leaves it to the optimizer's own rules."""
    if node.op_type in _MOVING and node.domain == "":
        return True
    shape = node.outputs[0].shape
    if shape is None or not shape.is_static():
        return None
    sizes: tuple[int, ...] = shape.numpy()  # all are numbers
    return False if prod(sizes) > _LARGEST_MADE else None


def _constant(value: ir.Value | None) -> np.ndarray | None:
    if value is None or value.const_value is None or value.is_graph_input():
        return None
    return value.const_value.numpy()


def _initializer(graph: ir.Graph, name: str, values: np.ndarray) -> ir.Value:
    tensor = ir.tensor(np.ascontiguousarray(values), name=name)
    value = ir.Value(
        name=name,
        shape=ir.Shape(values.shape),
        type=ir.TensorType(tensor.dtype),
        const_value=tensor,
    )
    graph.register_initializer(value)
    return value


def _fix_shape(graph: ir.Graph, node: ir.Node) -> None:
    """Write a reshape's target as a constant, -1 for the batch, which the exporter computes."""
    shape = node.outputs[0].shape
    if shape is None or _constant(node.inputs[1]) is not None:
        return
    sizes = [size if isinstance(size, int) else -1 for size in shape]
    if sizes.count(-1) <= 1 and 0 not in sizes:
        name = f"{node.outputs[0].name}_shape"
        node.replace_input_with(1, _initializer(graph, name, np.array(sizes, dtype=np.int64)))
        node.attributes.pop("allowzero", None)


def _drop_artificial_bias(node: ir.Node, tensors: Set[str]) -> None:
    """Drop the zeros that the exporter adds to a layer without a bias."""
    bias = node.inputs[2] if len(node.inputs) > 2 else None
    if bias is None or bias.name in tensors:
        return
    values = _constant(bias)
    if values is not None and not values.any():
        node.replace_input_with(2, None)


def _transpose_as_used(graph: ir.Graph, stored: ir.Value) -> None:
    """Store a quantized matrix the way it is used, as folding does with a float one."""
    weight = _constant(stored)
    chains = [_transposing(node) for node, _ in stored.uses()]
    if weight is None or weight.ndim != 2 or not chains or None in chains:
        return
    name = str(stored.name)
    del graph.initializers[name]
    transposed = _initializer(graph, name, weight.T)
    for dequantize, transpose in filter(None, chains):
        axis = dequantize.attributes.get_int("axis", 1)
        if "block_size" in dequantize.attributes:  # its scales are a matrix too
            _transpose_inputs(graph, dequantize)
        dequantize.attributes["axis"] = ir.AttrInt64("axis", 1 - axis)
        dequantize.replace_input_with(0, transposed)
        dequantize.outputs[0].shape = transposed.shape
        transpose.outputs[0].replace_all_uses_with(dequantize.outputs[0])


def _transpose_inputs(graph: ir.Graph, dequantize: ir.Node) -> None:
    for place, value in enumerate(dequantize.inputs[1:], start=1):
        stored = _constant(value)
        if value is not None and stored is not None:
            replacement = _initializer(graph, f"{value.name}_transposed", stored.T)
            dequantize.replace_input_with(place, replacement)


def _transposing(node: ir.Node) -> tuple[ir.Node, ir.Node] | None:
    """Give a DequantizeLinear and the Transpose that is its only reader."""
    readers = node.outputs[0].uses()
    if node.op_type != "DequantizeLinear" or len(readers) != 1:
        return None
    reader = next(iter(readers))[0]
    return (node, reader) if reader.op_type == "Transpose" else None
