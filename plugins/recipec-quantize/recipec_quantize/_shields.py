"""Keep what `prepare_pt2e` and `convert_pt2e` would change or throw away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from torch.fx import GraphModule

batch_norm = torch.ops.aten.batch_norm.default


def _kept_batch_norm(*arguments: Any) -> Any:
    return batch_norm(*arguments)


def hide_norms(graph_module: GraphModule) -> None:
    """Give the batch normalizations that weren't folded a target that torchao doesn't know.

    Those that can be folded have been (`fold_batch_norms`). `prepare_pt2e` folds the rest too,
    without looking for other readers of the layer's output, as a pre-activation ResNet has them
    (torchao 0.18), and `convert_pt2e` takes a minute to look for ones from training.
    """
    _retarget(graph_module, batch_norm, _kept_batch_norm)


def show_norms(graph_module: GraphModule) -> None:
    """Undo `hide_norms`."""
    _retarget(graph_module, _kept_batch_norm, batch_norm)


def _retarget(graph_module: GraphModule, old: Any, new: Any) -> None:
    for node in graph_module.graph.nodes:
        if node.target is old:
            node.target = new
    graph_module.recompile()


class Unused:
    """The tensors of a graph module that its graph doesn't read: `convert_pt2e` drops them.

    They belong to the model as it was given (an auxiliary head, a batch normalization's count), so
    they stay in its layer table. Those of observers and fake quantizers don't.
    """

    def __init__(self, graph_module: GraphModule) -> None:
        read = {node.target for node in graph_module.graph.nodes if node.op == "get_attr"}
        called = {node.target for node in graph_module.graph.nodes if node.op == "call_module"}
        self.tensors = {
            name: tensor
            for name, tensor in _tensors(graph_module)
            if name not in read and name.partition(".")[0] not in called
        }

    def restore(self, graph_module: GraphModule) -> None:
        """Put them back where they were."""
        for name, tensor in self.tensors.items():
            owner_name, _, last = name.rpartition(".")
            owner: nn.Module = graph_module
            for part in owner_name.split(".") if owner_name else ():
                if not hasattr(owner, part):
                    owner.add_module(part, nn.Module())
                owner = owner.get_submodule(part)
            if isinstance(tensor, nn.Parameter):
                owner.register_parameter(last, tensor)
            else:
                owner.register_buffer(last, tensor)


def _tensors(module: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    yield from module.named_parameters()
    yield from module.named_buffers()
