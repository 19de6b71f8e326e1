"""Put quantized weights where the float ones were: `conv1.weight`, with `conv1.weight_scale`.

`convert_pt2e` keeps the float weights and adds `_frozen_param0`, `_scale_0`, `_zero_point_0`, ….
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch.fx import GraphModule, Node

from recipec.api.torch import CONVOLUTIONS, LINEAR, attribute, layer_of, put_parameter

quantized = torch.ops.quantized_decomposed


def layer_nodes(graph_module: GraphModule, chosen: frozenset[str]) -> Mapping[str, str]:
    """Map the graph's nodes that are chosen layers to these layers' names."""
    return {
        node.name: layer
        for node in graph_module.graph.nodes
        if node.target in (*CONVOLUTIONS, *LINEAR) and (layer := layer_of(node)) in chosen
    }


def give_layers_their_tensors(graph_module: GraphModule, layers: Mapping[str, str]) -> None:
    """Rename the tensors of the quantized layers, in place; nothing float stays behind.

    Zero points of symmetric weights are 0, which is what a missing one means.
    """
    nodes = {node.name: node for node in graph_module.graph.nodes}
    made: set[str] = set()
    for name, layer in layers.items():
        dequantize: Node = nodes[name].args[1]
        assert dequantize.target is quantized.dequantize_per_channel.default
        weight, scale, zero_point, *rest = dequantize.args
        weight_name, scale_name = f"{layer}.weight", f"{layer}.weight_scale"
        if weight.target not in made:
            put_parameter(graph_module, weight_name, attribute(graph_module, weight.target))
            owner = graph_module.get_submodule(layer)
            owner.register_buffer("weight_scale", attribute(graph_module, scale.target))
            made |= {weight_name, scale_name}
            for node, new in ((weight, weight_name), (scale, scale_name)):
                delattr(graph_module, node.target)
                node.target = new
        dequantize.args = (weight, scale, None, *rest)
        if not zero_point.users:
            graph_module.graph.erase_node(zero_point)
            delattr(graph_module, zero_point.target)
    graph_module.recompile()
