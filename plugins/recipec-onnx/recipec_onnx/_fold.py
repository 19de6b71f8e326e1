"""Fold what doesn't depend on inputs: constants, and batch norms into convolutions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, helper, numpy_helper

from recipec.api.onnx import Graph, foldable
from recipec_onnx._reading import drop_unused, rename

_FOLDED: Final = {
    "Cast",
    "Constant",
    "ConstantOfShape",
    "Identity",
    "Reshape",
    "Squeeze",
    "Transpose",
    "Unsqueeze",
}
"""What exporters put between a weight and its layer. Folding more could make files grow."""


def fold_constants(model: ModelProto, graph: Graph) -> None:
    """Store constants, and what is a stored tensor in another form, as initializers, in place.

    onnxruntime's quantizer takes only initializers for weights.
    """
    kept: list[NodeProto] = []
    copies: dict[str, str] = {}
    origins: dict[str, str] = {}
    for node in model.graph.node:
        for place, name in enumerate(node.input):
            node.input[place] = copies.get(name, name)
        values = [graph.array(name) for name in node.input if name]
        if (
            node.op_type not in _FOLDED
            or node.domain not in ("", "ai.onnx")
            or any(value is None for value in values)
            or node.output[0] in graph.outputs
            or (node.op_type == "Constant" and node.output[0] not in graph.constants)
        ):
            kept.append(node)
            continue
        origins[node.output[0]] = _origin(graph, node)
        if node.op_type == "Identity":  # a weight that two layers share stays one
            copies[node.output[0]] = node.input[0]
        made = graph.array(node.output[0])
        if made is None:
            made = _evaluated(node, [value for value in values if value is not None])
        _store(model, graph, node.output[0], made)
    _replace_nodes(model, kept)
    drop_unused(model)
    left = {tensor.name for tensor in model.graph.initializer}
    names = {new: old for new, old in origins.items() if new in left and old not in left}
    rename(model, {new: old for new, old in names.items() if list(names.values()).count(old) == 1})


def _origin(graph: Graph, node: NodeProto) -> str:
    """Name the tensor that a folded node's is a form of, or its own where it makes one."""
    stored = graph.stored(node.output[0])
    return node.output[0] if stored is None else stored[0]


def _evaluated(node: NodeProto, values: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Give what a node of `_FOLDED` makes. Axes are an attribute up to opset 12, an input since."""
    given = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    first = values[0]
    if node.op_type == "Transpose":
        return np.transpose(first, given.get("perm"))
    if node.op_type == "Cast":
        return first.astype(helper.tensor_dtype_to_np_dtype(given["to"]))
    if node.op_type == "Reshape":
        wanted = values[1].tolist() if len(values) > 1 else given["shape"]
        if not given.get("allowzero", 0):
            wanted = [first.shape[n] if size == 0 else size for n, size in enumerate(wanted)]
        return first.reshape(wanted)
    if node.op_type in ("Squeeze", "Unsqueeze"):
        axes = values[1].tolist() if len(values) > 1 else given.get("axes")
        if node.op_type == "Squeeze":
            return np.squeeze(first, None if axes is None else tuple(axes))
        assert axes is not None  # Unsqueeze must have them
        return np.expand_dims(first, tuple(axes))
    return first  # Identity


def fold_batch_norms(model: ModelProto, graph: Graph) -> int:
    """Fold batch normalizations into the convolutions before them, in place; give how many.

    In inference one is y = (x - mean) · weight / sqrt(variance + epsilon) + bias, for each channel
    (Ioffe and Szegedy, ICML 2015, arXiv:1502.03167, §3.1), which is a factor for the
    convolution's filters and an offset for its bias.
    """
    folds = foldable(graph)
    for node in graph.nodes:
        if (conv := folds.get(id(node))) is None:
            continue
        scale, offset, mean, variance = (_floats(graph, name) for name in node.input[1:5])
        epsilon = next((a.f for a in node.attribute if a.name == "epsilon"), 1e-5)
        factor = scale / np.sqrt(variance + epsilon)
        weight = _floats(graph, conv.input[1])
        bias = _floats(graph, conv.input[2]) if len(conv.input) > 2 and conv.input[2] else 0.0
        folded = weight * factor.reshape(-1, *[1] * (weight.ndim - 1))
        names = f"{conv.name}.folded_weight", f"{conv.name}.folded_bias"
        _store(model, graph, names[0], folded.astype(np.float32))
        _store(model, graph, names[1], ((bias - mean) * factor + offset).astype(np.float32))
        inputs = [conv.input[0], *names]
        del conv.input[:]
        conv.input.extend(inputs)
        conv.output[0] = node.output[0]
    _replace_nodes(model, [node for node in graph.nodes if id(node) not in folds])
    drop_unused(model)
    return len(folds)


def _floats(graph: Graph, name: str) -> NDArray[np.float64]:
    values = graph.array(name)
    assert values is not None  # constants are folded, and `foldable` looked
    return values.astype(np.float64)


def _store(model: ModelProto, graph: Graph, name: str, values: NDArray[Any]) -> None:
    tensor = numpy_helper.from_array(np.ascontiguousarray(values).reshape(values.shape), name)
    model.graph.initializer.append(tensor)
    graph.constants[name] = tensor
    graph.filled.pop(name, None)


def _replace_nodes(model: ModelProto, nodes: Iterable[NodeProto]) -> None:
    kept = [NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del model.graph.node[:]
    model.graph.node.extend(kept)
