"""The graphs of exported programs: operations that layers are, and what their nodes hold."""

from __future__ import annotations

import torch
from torch import nn
from torch.fx import Node

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


def operand(node: Node, place: int) -> Node:
    """Give a positional argument that is a tensor, and therefore a node."""
    found = node.args[place]
    assert isinstance(found, Node), f"argument {place} of {node}"
    return found


def optional_operand(node: Node, place: int) -> Node | None:
    """Give a positional argument that may be missing or None (a bias)."""
    missing = len(node.args) <= place or node.args[place] is None
    return None if missing else operand(node, place)


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
