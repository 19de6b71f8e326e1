"""What is exported: a program whose ONNX form follows from its layer table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.export import ExportedProgram
from torch.fx import GraphModule, Node

from recipec.api import UNKNOWN, Artifact, LayerTable, TorchExported, TorchModel
from recipec.api.folding import foldable_norms
from recipec.api.torch import (
    LINEAR,
    export_program,
    exported_facts,
    exported_layers,
    fold_batch_norms,
    layer_of,
    load_exported,
    load_module,
    module_facts,
    operand,
    read_structure,
    unpack_weights,
)
from recipec_onnx.layers import is_integer

aten = torch.ops.aten


def open_model(
    artifact: Artifact[TorchModel],
) -> tuple[TorchModel, Callable[..., Any], ExportedProgram]:
    """Load a model in either form: its facts, what its outputs are compared with, what to export.

    Raises OperatorError when it can't be loaded, or torch can't export it.
    """
    if isinstance(artifact.facts, TorchExported):
        program = load_exported(artifact.path)
        return exported_facts(program), program.module(), _settled(program, {})
    module, inputs = load_module(artifact.path), read_structure(artifact.path).inputs
    facts = module_facts(module, inputs, UNKNOWN)
    assert isinstance(facts.layers, LayerTable)
    assert isinstance(facts.outputs, tuple)
    kinds = [(layer.name, layer.type) for layer in facts.layers.layers]
    program = export_program(module, inputs, facts.outputs, kinds)
    return facts, module, _settled(program, foldable_norms(facts.layers))


def _settled(program: ExportedProgram, norms: Mapping[str, str]) -> ExportedProgram:
    """Fold batch normalizations, unpack int4 weights and settle linear layers.

    The program is exported anew if that changed it.
    """
    graph = program.module()
    assert isinstance(graph, GraphModule)
    facts = exported_facts(program)
    if norms:
        fold_batch_norms(graph, norms)
    unpacked = unpack_weights(graph)
    settled = _settle_linear(graph, exported_layers(program), facts.quantization is None)
    if not settled and not norms and not unpacked:
        return program
    assert isinstance(facts.inputs, tuple)
    assert isinstance(facts.outputs, tuple)
    assert isinstance(facts.layers, LayerTable)
    kinds = [(layer.name, layer.type) for layer in facts.layers.layers]
    return export_program(graph, facts.inputs, facts.outputs, kinds)


def _settle_linear(graph_module: GraphModule, table: LayerTable, weight_only: bool) -> bool:
    """See to it that a layer applied once to a sample is a Gemm, and else a MatMul.

    The exporter goes by the rank of the input, which a layer table doesn't tell. It is the same but
    for a sequence of length 1, and a layer that is called twice on vectors. A weight that is
    dequantized for float activations becomes a MatMul, as `exported_table` says; with a dimension
    more, since onnxruntime makes a Gemm of a MatMul of matrices, an Add and a Relu.
    """
    positions = {layer.name: layer.positions for layer in table.layers}
    dequantized = {
        layer.name
        for layer in table.layers
        if weight_only and layer.weight is not None and is_integer(layer.weight)
    }
    changed = False
    for node in list(graph_module.graph.nodes):
        if node.target not in LINEAR or not positions.get(layer_of(node) or ""):
            continue
        shape = node.meta["val"].shape
        once = positions[layer_of(node) or ""] == 1 and layer_of(node) not in dequantized
        if once and len(shape) > 2:
            _reshape_around(graph_module, node, -1)
            changed = True
        elif not once and len(shape) == 2:
            _reshape_around(graph_module, node, 1)
            changed = True
    graph_module.recompile()
    return changed


def _reshape_around(graph_module: GraphModule, node: Node, length: int) -> None:
    """Give a linear layer its input as [N, features] (length -1) or [N, 1, features]."""
    before, after = operand(node, 0), node.meta["val"].shape
    width = before.meta["val"].shape[-1]
    inner = [-1, width] if length == -1 else [-1, 1, width]
    outer = [-1, *after[1:]]
    with graph_module.graph.inserting_before(node):
        reshaped = graph_module.graph.call_function(aten.reshape.default, (before, inner))
    node.replace_input_with(before, reshaped)
    with graph_module.graph.inserting_after(node):
        back = graph_module.graph.call_function(aten.reshape.default, (node, outer))
    node.replace_all_uses_with(back, delete_user_cb=lambda user: user is not back)
