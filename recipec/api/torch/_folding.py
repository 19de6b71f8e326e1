"""Fold batch normalizations into the layers before them, in an exported graph."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.fx import GraphModule, Node
from torch.nn.utils.fusion import fuse_conv_bn_weights, fuse_linear_bn_weights

from recipec.api.torch._nodes import (
    LINEAR,
    TRANSPOSED,
    WEIGHTED,
    attribute,
    layer_of,
    operand,
    optional_operand,
    put_parameter,
)

batch_norm = torch.ops.aten.batch_norm.default


def fold_batch_norms(graph_module: GraphModule, norms: Mapping[str, str]) -> None:
    """Fold each named batch normalization into the layer that feeds it, in place.

    `norms` is what `recipec.api.folding.foldable_norms` gives. The arithmetic is torch's own
    (`torch.nn.utils.fusion`), which torchao uses too, so the numbers are the same. A normalization
    stays where the graph shows what the table can't: another reader of the layer's weight.
    """
    folded = []
    for node in list(graph_module.graph.nodes):
        if node.target is not batch_norm or layer_of(node) not in norms:
            continue
        feeder = operand(node, 0)
        if feeder.target in WEIGHTED and len(operand(feeder, 1).users) == 1:
            folded.append(str(operand(node, 3).target).rpartition(".")[0])
            _fold(graph_module, feeder, node)
    graph_module.graph.eliminate_dead_code()
    for layer in folded:
        graph_module.delete_submodule(layer)
    graph_module.recompile()


def _fold(graph_module: GraphModule, feeder: Node, norm: Node) -> None:
    def tensor(node: Node) -> Tensor:
        return attribute(graph_module, str(node.target))

    def optional(node: Node | None) -> Tensor | None:
        return None if node is None else tensor(node)

    name = str(operand(feeder, 1).target)
    weight, bias_node = tensor(operand(feeder, 1)), optional_operand(feeder, 2)
    mean, variance, epsilon = tensor(operand(norm, 3)), tensor(operand(norm, 4)), norm.args[7]
    gamma, beta = optional(optional_operand(norm, 1)), optional(optional_operand(norm, 2))
    gamma = torch.ones_like(mean) if gamma is None else gamma
    beta = torch.zeros_like(mean) if beta is None else beta
    assert isinstance(epsilon, float)
    if feeder.target in LINEAR:
        weight, bias = fuse_linear_bn_weights(
            weight, optional(bias_node), mean, variance, epsilon, gamma, beta
        )
    else:
        weight, bias = fuse_conv_bn_weights(
            weight,
            optional(bias_node),
            mean,
            variance,
            epsilon,
            gamma,
            beta,
            transpose=feeder.target in TRANSPOSED,
        )
    put_parameter(graph_module, name, weight.detach())
    bias_name = f"{name.rpartition('.')[0]}.bias".lstrip(".")
    put_parameter(graph_module, bias_name, bias.detach())
    if bias_node is None:
        with graph_module.graph.inserting_before(feeder):
            bias_node = graph_module.graph.get_attr(bias_name)
        feeder.args = (*feeder.args[:2], bias_node, *feeder.args[3:])
    norm.replace_all_uses_with(feeder)
    graph_module.graph.erase_node(norm)
