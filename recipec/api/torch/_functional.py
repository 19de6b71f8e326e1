"""Write activations that overwrite their input (`nn.ReLU(inplace=True)`) as ones that don't."""

from __future__ import annotations

import torch
from torch._ops import OpOverload
from torch.fx import GraphModule

from recipec.api.torch._nodes import WEIGHTED, operand

aten = torch.ops.aten

_FRESH = (*WEIGHTED, aten.batch_norm.default, aten.add.Tensor, aten.sub.Tensor, aten.mul.Tensor)
"""Operations whose result is a tensor of its own, never a view of another or another itself."""


def make_functional(graph_module: GraphModule) -> None:
    """Replace in-place operations by their ordinary forms, where nothing else sees the difference.

    The numbers are the same. An in-place ReLU6 takes torch's ONNX exporter half a second each,
    since it decomposes it down to comparisons.
    """
    for node in graph_module.graph.nodes:
        ordinary = _ordinary(node.target)
        if ordinary is None:
            continue
        source = operand(node, 0)
        if source.target in _FRESH and len(source.users) == 1:
            node.target = ordinary
    graph_module.recompile()


def _ordinary(target: object) -> OpOverload | None:
    """Give `aten.relu.default` for `aten.relu_.default`, None for what isn't in place."""
    if not isinstance(target, OpOverload) or target.namespace != "aten":
        return None
    name = target._schema.name.removeprefix("aten::")
    if not name.endswith("_") or name.startswith("_"):
        return None
    return getattr(getattr(aten, name[:-1], None), target._overloadname, None)
