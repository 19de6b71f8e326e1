"""Fold batch normalizations into the layers before them, in an exported graph."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn
from torch.fx import GraphModule, Node
from torch.nn.utils.fusion import fuse_conv_bn_weights, fuse_linear_bn_weights

aten = torch.ops.aten

CONVOLUTIONS = (
    aten.conv1d.default,
    aten.conv1d.padding,
    aten.conv2d.default,
    aten.conv2d.padding,
    aten.conv3d.default,
    aten.conv3d.padding,
)
TRANSPOSED = (
    aten.conv_transpose1d.default,
    aten.conv_transpose2d.input,
    aten.conv_transpose3d.input,
)
LINEAR = (aten.linear.default,)
WEIGHTED = (*CONVOLUTIONS, *TRANSPOSED, *LINEAR)
"""Operations that multiply by a weight, as torch exports them: input, weight, bias, …"""


def layer_of(node: Node) -> str | None:
    """Give the qualified name of the module that a node of an exported graph stands for."""
    stack = node.meta.get("nn_module_stack")
    return str(list(stack.values())[-1][0]) if stack else None


def fold_batch_norms(graph_module: GraphModule, norms: Mapping[str, str]) -> None:
    """Fold each named batch normalization into the layer that feeds it, in place.

    `norms` is what `recipec.api.folding.foldable_norms` gives. The arithmetic is torch's own
    (`torch.nn.utils.fusion`), which torchao uses too, so the numbers are the same. A normalization
    stays where the graph shows what the table can't: another reader of the layer's weight.
    """
    folded = []
    for node in list(graph_module.graph.nodes):
        if node.target is aten.batch_norm.default and layer_of(node) in norms:
            feeder = node.args[0]
            if feeder.target in WEIGHTED and len(feeder.args[1].users) == 1:
                folded.append(str(node.args[3].target).rpartition(".")[0])
                _fold(graph_module, feeder, node)
    graph_module.graph.eliminate_dead_code()
    for layer in folded:
        graph_module.delete_submodule(layer)
    graph_module.recompile()


def _fold(graph_module: GraphModule, feeder: Node, norm: Node) -> None:
    def value(node: Node | None) -> torch.Tensor | None:
        return None if node is None else attribute(graph_module, str(node.target))

    weight_node = feeder.args[1]
    bias_node = feeder.args[2] if len(feeder.args) > 2 else None
    _, gamma, beta, mean, variance, _, _, epsilon, _ = norm.args
    tensors = (value(weight_node), value(bias_node), value(mean), value(variance))
    if feeder.target in LINEAR:
        weight, bias = fuse_linear_bn_weights(*tensors, epsilon, value(gamma), value(beta))
    else:
        weight, bias = fuse_conv_bn_weights(
            *tensors,
            epsilon,
            value(gamma),
            value(beta),
            transpose=feeder.target in TRANSPOSED,
        )
    name = str(weight_node.target)
    put_parameter(graph_module, name, weight.detach())
    bias_name = f"{name.rpartition('.')[0]}.bias".lstrip(".")
    put_parameter(graph_module, bias_name, bias.detach())
    if bias_node is None:
        with graph_module.graph.inserting_before(feeder):
            bias_node = graph_module.graph.get_attr(bias_name)
        feeder.args = (*feeder.args[:2], bias_node, *feeder.args[3:])
    norm.replace_all_uses_with(feeder)
    graph_module.graph.erase_node(norm)


def attribute(root: nn.Module, name: str) -> torch.Tensor:
    """Give the tensor of this qualified name."""
    owner, _, last = name.rpartition(".")
    tensor = getattr(root.get_submodule(owner), last)
    assert isinstance(tensor, torch.Tensor), name
    return tensor


def put_parameter(root: nn.Module, name: str, value: torch.Tensor) -> None:
    """Set the parameter of this qualified name; it needs no gradient any more."""
    owner, _, last = name.rpartition(".")
    root.get_submodule(owner).register_parameter(last, nn.Parameter(value, requires_grad=False))
