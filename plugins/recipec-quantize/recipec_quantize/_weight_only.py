"""The heavy half of `quantize.weight_only`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch.fx import GraphModule, Node

from recipec.api import (
    UNKNOWN,
    Artifact,
    LayerTable,
    Metric,
    OperatorError,
    RunContext,
    StageResult,
)
from recipec.api.folding import foldable_norms
from recipec.api.torch import (
    attribute,
    export_program,
    exported_facts,
    fold_batch_norms,
    insert_unpacking,
    load_module,
    module_facts,
    put_parameter,
    read_structure,
    reproducible,
    save_exported,
)
from recipec_quantize._naming import unused
from recipec_quantize._weights import stored_weight
from recipec_quantize.weight_tables import WeightScheme

if TYPE_CHECKING:
    from recipec_quantize.weight_only import WeightOnly

aten = torch.ops.aten
quantized = torch.ops.quantized_decomposed
embedding = aten.embedding.default


def quantize_weights(
    operator: WeightOnly, inputs: Mapping[str, Artifact[Any]], context: RunContext
) -> StageResult:
    """Compress the weights of the artifact `model`.

    Raises OperatorError when torch can't export the module, and for a layer on which no output
    depends.
    """
    source = inputs["model"].path
    module, specs = load_module(source), read_structure(source).inputs
    facts = module_facts(module, specs, UNKNOWN)
    assert isinstance(facts.layers, LayerTable)
    assert isinstance(facts.outputs, tuple)
    schemes = operator.schemes(facts.layers)
    kinds = [(layer.name, layer.type) for layer in facts.layers.layers]
    with reproducible(context.seed, context.threads), torch.no_grad():
        graph = export_program(module, specs, facts.outputs, kinds).module()
        assert isinstance(graph, GraphModule)
        fold_batch_norms(graph, foldable_norms(facts.layers))
        for done, (layer, scheme) in enumerate(schemes.items()):
            context.progress(done, len(schemes), layer)
            _compress(graph, layer, scheme)
        graph.graph.eliminate_dead_code()
        graph.recompile()
        program = export_program(graph, specs, facts.outputs, kinds)
    save_exported(context.path_for("model"), program)
    return StageResult(
        {"model": exported_facts(program)},
        metrics=(Metric(name="layers.quantized", value=len(schemes), unit="1"),),
        changed={"layers quantized": len(schemes)},
    )


def _compress(graph: GraphModule, layer: str, scheme: WeightScheme) -> None:
    """Store the weight of a layer compressed, and dequantize it wherever the graph reads it."""
    name = _in(layer, "weight")
    nodes = [n for n in graph.graph.nodes if n.op == "get_attr" and n.target == name and n.users]
    if not nodes:
        raise unused(layer)
    owner = graph.get_submodule(layer)
    stored = stored_weight(attribute(graph, name).detach(), scheme)
    looked_up = any(reader.target is embedding for node in nodes for reader in node.users)
    put_parameter(graph, name, stored.codes)
    owner.register_buffer("weight_scale", stored.scale[:, None] if looked_up else stored.scale)
    if stored.zero_point is not None:
        owner.register_buffer("weight_zero_point", stored.zero_point)
    for node in nodes:
        if looked_up:
            for reader in list(node.users):
                _scale_rows(graph, reader, layer)
        else:
            _dequantize(graph, node, layer, scheme, affine=stored.zero_point is not None)


def _scale_rows(graph: GraphModule, reader: Node, layer: str) -> None:
    """Dequantize the rows that are looked up, instead of the whole table at every call."""
    if reader.target is not embedding:
        raise OperatorError(
            f"{layer}'s weight is used for more than looking rows up ({reader.target})",
            at=("exclude",),
            hint=f"exclude: [{layer}]",
        )
    users = list(reader.users)
    with graph.graph.inserting_before(reader):
        scale = graph.graph.get_attr(_in(layer, "weight_scale"))
    with graph.graph.inserting_after(reader):
        scales = graph.graph.call_function(embedding, (scale, *reader.args[1:2]))
    with graph.graph.inserting_after(scales):
        rows = graph.graph.call_function(aten.mul.Tensor, (reader, scales))
    for user in users:
        user.replace_input_with(reader, rows)


def _dequantize(
    graph: GraphModule, node: Node, layer: str, scheme: WeightScheme, *, affine: bool
) -> None:
    readers = list(node.users)
    with graph.graph.inserting_before(node):
        scale = graph.graph.get_attr(_in(layer, "weight_scale"))
        zero_point = graph.graph.get_attr(_in(layer, "weight_zero_point")) if affine else None
    codes = insert_unpacking(graph, node) if scheme.group else node
    with graph.graph.inserting_after(codes):
        if not scheme.group:
            weight = graph.graph.call_function(
                quantized.dequantize_per_channel.default,
                (codes, scale, None, 0, -128, 127, torch.int8),
            )
        else:
            range_ = (0, 15, torch.uint8) if affine else (-8, 7, torch.int8)
            weight = graph.graph.call_function(
                quantized.dequantize_per_channel_group.default,
                (codes, scale, zero_point, *range_, scheme.group, torch.float32),
            )
    for reader in readers:
        reader.replace_input_with(node, weight)


def _in(layer: str, tensor: str) -> str:
    return f"{layer}.{tensor}" if layer else tensor
