"""Put quantized weights where the float ones were: `conv1.weight`, with `conv1.weight_scale`.

`convert_pt2e` keeps the float weights and adds `_frozen_param0`, `_scale_0`, `_zero_point_0`, ….
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch.fx import GraphModule

from recipec.api import OperatorError
from recipec.api.torch import CONVOLUTIONS, LINEAR, attribute, layer_of, operand, put_parameter

quantized = torch.ops.quantized_decomposed


def layer_nodes(graph_module: GraphModule, chosen: frozenset[str]) -> Mapping[str, str]:
    """Map the graph's nodes that are chosen layers to these layers' names.

    Raises OperatorError for a layer that isn't in the graph.
    """
    found = {
        node.name: layer
        for node in graph_module.graph.nodes
        if node.target in (*CONVOLUTIONS, *LINEAR) and (layer := layer_of(node)) in chosen
    }
    if missing := sorted(chosen - set(found.values())):
        raise unused(missing[0])
    return found


def unused(layer: str) -> OperatorError:
    """Say that a layer to quantize isn't in the exported graph."""
    return OperatorError(
        f"nothing that the model returns depends on {layer}, so torch's exported graph lacks it",
        at=("exclude",),
        hint=f"exclude: [{layer}]",
    )


def give_layers_their_tensors(graph_module: GraphModule, layers: Mapping[str, str]) -> None:
    """Rename the tensors of the quantized layers, in place; nothing float stays behind.

    Zero points of symmetric weights are 0, which is what a missing one means.
    """
    nodes = {node.name: node for node in graph_module.graph.nodes}
    for name, layer in layers.items():
        dequantize = operand(nodes[name], 1)
        assert dequantize.target is quantized.dequantize_per_channel.default
        weight, scale, zero_point = (operand(dequantize, place) for place in range(3))
        if weight.target != f"{layer}.weight":  # else a second use of the same layer
            put_parameter(
                graph_module, f"{layer}.weight", attribute(graph_module, str(weight.target))
            )
            graph_module.get_submodule(layer).register_buffer(
                "weight_scale", attribute(graph_module, str(scale.target))
            )
            for node, tensor in ((weight, "weight"), (scale, "weight_scale")):
                delattr(graph_module, str(node.target))
                node.target = f"{layer}.{tensor}"
        dequantize.args = (weight, scale, None, *dequantize.args[3:])
        if not zero_point.users:
            graph_module.graph.erase_node(zero_point)
            delattr(graph_module, str(zero_point.target))
    graph_module.recompile()
