"""Names that mean something, and nothing in the file that differs from folder to folder."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence

import torch
from onnx import ModelProto, NodeProto, TensorProto, TensorShapeProto, ValueInfoProto

from recipec.api import TensorSpec

_SCOPES = "pkg.torch.onnx.name_scopes"
_ASIDE = {"Add", "Cast", "DequantizeLinear", "Transpose"}
"""Nodes that read a layer's tensors but don't stand for the layer."""
_RECURRENT = {"GRU", "LSTM", "RNN"}


def name_nodes(model: ModelProto, layers: Collection[str]) -> None:
    """Name each node after the torch module it stands for, and weights after their layer.

    A layer's own node has the plain name (`layer1.0.conv1`), further nodes of a module the name of
    the value they make behind it (`layer1.0.conv1/relu`). Which module that is, a weight's name
    says, else the exporter's record of module calls.
    """
    stored = {tensor.name for tensor in model.graph.initializer}
    dequantized = {
        node.output[0]: node for node in model.graph.node if node.op_type == "DequantizeLinear"
    }
    renamed: dict[str, str] = {}
    taken, named = set(layers), set[str]()
    for node in model.graph.node:
        scope = _scope(node)
        layer = ""
        for place, name in enumerate(node.input):
            dequantize = dequantized.get(name)
            held = dequantize.input[0] if dequantize is not None else name
            if held not in stored:
                continue
            owner, _, last = held.rpartition(".")
            if last == "weight" and owner in layers:
                layer = owner
            elif node.op_type == "MatMul" and place == 1 and scope in layers:
                layer = scope  # a transposed copy of the weight, which has no name of its own
                renamed[held] = f"{layer}.weight"
            elif node.op_type in _RECURRENT and scope in layers:
                layer = scope  # its weights were brought into another order
            if layer and dequantize is not None and dequantize.input[1] in stored:
                renamed[dequantize.input[1]] = f"{layer}.weight_scale"
        if layer and layer not in named and node.op_type not in _ASIDE:
            node.name = layer
            named.add(layer)
        else:
            node.name = _unique(f"{scope}/{node.output[0]}".lstrip("/"), taken)
            taken.add(node.name)
        if node.op_type in _RECURRENT:
            parts = zip(("weight", "recurrence", "bias"), node.input[1:4], strict=False)
            renamed |= {name: f"{node.name}.{part}" for part, name in parts if name in stored}
    _rename(model, {old: new for old, new in renamed.items() if new not in stored})


def _scope(node: NodeProto) -> str:
    """Give the module that a node comes from: the one before last in the exporter's record."""
    for entry in node.metadata_props:
        if entry.key == _SCOPES:
            scopes = [str(scope) for scope in ast.literal_eval(entry.value)]
            if len(scopes) > 1 and not scopes[-2].startswith("_empty"):
                return scopes[-2]
    return ""


def _unique(name: str, taken: Collection[str]) -> str:
    count = 1
    candidate = name
    while candidate in taken:
        count += 1
        candidate = f"{name}_{count}"
    return candidate


def _rename(model: ModelProto, names: Mapping[str, str]) -> None:
    """Rename stored tensors. Several that get one name are copies, made for each use of a layer."""
    kept: dict[str, TensorProto] = {}
    for tensor in model.graph.initializer:
        tensor.name = names.get(tensor.name, tensor.name)
        kept.setdefault(tensor.name, tensor)
    if len(kept) < len(model.graph.initializer):
        unique = [TensorProto.FromString(t.SerializeToString()) for t in kept.values()]
        del model.graph.initializer[:]
        model.graph.initializer.extend(unique)
    for node in model.graph.node:
        for place, name in enumerate(node.input):
            node.input[place] = names.get(name, name)


def describe(
    values: Sequence[ValueInfoProto], specs: Sequence[TensorSpec], batch: int | str
) -> None:
    """Give graph inputs or outputs the shapes that were planned; `batch` stands for "N"."""
    for value, spec in zip(values, specs, strict=True):
        dims = value.type.tensor_type.shape
        dims.CopyFrom(TensorShapeProto())
        for size in spec.shape:
            actual = batch if size == "N" else size
            if isinstance(actual, int):
                dims.dim.add(dim_value=actual)
            else:
                dims.dim.add(dim_param=actual)


def strip(model: ModelProto) -> None:
    """Take out stack traces, source paths, module records and shapes that can be inferred.

    They are most of a small file, and differ between two folders with the same model.
    """
    graph = model.graph
    del model.metadata_props[:]
    del graph.metadata_props[:]
    del graph.value_info[:]
    model.doc_string = graph.doc_string = ""
    for node in graph.node:
        while node.input and not node.input[-1]:  # optional inputs that were taken out
            node.input.pop()
    for element in (*graph.node, *graph.initializer, *graph.input, *graph.output):
        del element.metadata_props[:]
        element.doc_string = ""
    model.producer_name = "pytorch"
    model.producer_version = torch.__version__.partition("+")[0]  # not the build: +cpu, +cu130
