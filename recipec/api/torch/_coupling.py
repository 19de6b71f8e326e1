"""Torch-Pruning's dependency graph, read as: each channel of a layer and its entries elsewhere."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

Place = tuple[str, int]
"""A tensor's full name and one of its dimensions."""


@dataclass
class Coupling:
    """The output channels of `layer`, and for each what would have to leave with it.

    `entries` maps each place to a list of indices for each channel; `reasons` says for each channel
    why it may not leave.
    """

    layer: str
    channels: int
    entries: dict[Place, list[list[int]]]
    reasons: list[str | None]


def find_couplings(module: nn.Module, example: tuple[Tensor, ...]) -> list[Coupling]:
    """Analyse a module, which is changed (all parameters require gradients).

    Raises whatever the module or Torch-Pruning raises.
    """
    import torch_pruning as tp  # not at the top: a pruned module loads without it

    for parameter in module.parameters():
        if parameter.is_floating_point():
            parameter.requires_grad_(True)  # the graph is read from autograd
    returned: set[Any] = set()

    def note_outputs(output: Any) -> list[Tensor]:
        tensors = [leaf for leaf in tree_leaves(output) if isinstance(leaf, Tensor)]
        if any(tensor.grad_fn is None for tensor in tensors):
            raise ValueError("an output doesn't depend on the parameters differentiably")
        returned.update(tensor.grad_fn for tensor in tensors)
        return tensors

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph = tp.DependencyGraph().build_dependency(
            module, example, output_transform=note_outputs, verbose=False
        )
    reader = _Reader(graph, returned)
    found: list[Coupling] = []
    seen: set[nn.Module] = set()
    for layer in graph.module2node:
        if isinstance(layer, nn.modules.conv._ConvNd | nn.Linear) and layer not in seen:
            coupling, reached = reader.read(layer)
            found.append(coupling)
            seen |= reached
    return found


class _Index(NamedTuple):
    """An entry of the dimension at hand, and the root's channel that it belongs to."""

    idx: int
    root_idx: int


class _Reader:
    """Translates Torch-Pruning's groups (nodes and pruning functions) to tensors and dimensions."""

    def __init__(self, graph: Any, returned: set[Any]) -> None:
        self.graph = graph
        self.returned = returned
        modules = dict(graph.model.named_modules())
        self.names = {child: name for name, child in modules.items()}
        self.tensors: dict[str, Tensor] = {
            f"{prefix}.{name}" if prefix else name: tensor
            for prefix, child in modules.items()
            for name, tensor in (*child._parameters.items(), *child._buffers.items())
            if tensor is not None
        }
        self.owners = Counter(map(id, self.tensors.values()))
        self.widest = max((length for t in self.tensors.values() for length in t.shape), default=0)

    def read(self, root: nn.Module) -> tuple[Coupling, set[nn.Module]]:
        """Give what is coupled with a layer's output channels, and whose outputs are among it."""
        count = self.graph.get_out_channels(root)
        found = Coupling(self.names[root], count, {}, [None] * count)
        reached = {root}

        def protect(channels: Iterable[int], reason: str) -> None:
            for channel in channels:
                found.reasons[channel] = found.reasons[channel] or reason

        for node, function, indices in self._walk(root, count):
            channels = {index.root_idx for index in indices}
            outward = self.graph.is_out_channel_pruning_fn(function)
            if outward and isinstance(node.module, nn.Module):
                reached.add(node.module)
            if outward and node.grad_fn in self.returned:
                protect(channels, "feeds the outputs")
            places = self._places(node, outward)
            if isinstance(places, str):
                protect(channels, places)
                continue
            for name, dim in places:
                if name not in self.tensors:
                    protect(channels, f"{name} is not a tensor of its own (parametrized?)")
                    continue
                tensor = self.tensors[name]
                if self.owners[id(tensor)] > 1:
                    protect(channels, f"{name} is shared by several layers")
                of = found.entries.setdefault((name, dim), [[] for _ in range(count)])
                for entry, channel in indices:
                    if entry < tensor.shape[dim]:
                        of[channel].append(entry)
                    else:
                        protect(range(count), f"{name} has fewer entries than channels to follow")
        return found, reached

    def _walk(self, root: nn.Module, count: int) -> list[tuple[Any, Any, list[_Index]]]:
        """Follow the graph's dependencies from a layer's output channels to all that must follow.

        This is `DependencyGraph.get_pruning_group` with an end: that one doesn't return, and takes
        all memory, where the graph is wrong (a linear layer's weight used without calling it, as in
        torchvision's Swin). Raises ValueError then.
        """
        start = self.graph.module2node[root]
        function = self.graph.get_pruner_of_module(root).prune_out_channels
        first = [_Index(channel, channel) for channel in range(count)]
        found: dict[tuple[Any, Any], dict[int, _Index]] = {(start, function): {i.idx: i for i in first}}
        waiting = [(start, function, first)]
        while waiting:
            node, function, indices = waiting.pop()
            for dependency in node.dependencies:
                if not dependency.is_triggered_by(function):
                    continue
                mapped = indices
                for mapping in filter(None, dependency.index_mapping):
                    mapped = mapping(mapped)
                if len(mapped) > self.widest:
                    raise ValueError(f"its graph leads nowhere after {node.name}")
                known = found.setdefault((dependency.target, dependency.handler), {})
                fresh = [index for index in mapped if index.idx not in known]
                if fresh:
                    known.update((index.idx, _Index(*index)) for index in fresh)
                    waiting.append((dependency.target, dependency.handler, fresh))
        return [(node, function, list(of.values())) for (node, function), of in found.items()]

    def _places(self, node: Any, outward: bool) -> list[Place] | str:
        """Give the places where a node's channels live, or say why they can't leave."""
        module = node.module
        if isinstance(module, nn.Parameter):
            return [(self.graph._param_to_name[module], node.pruning_dim % module.dim())]
        name = self.names.get(module)
        if name is None:  # an operation without parameters: addition, concatenation, reshape
            return []
        own = {k for k, t in (*module._parameters.items(), *module._buffers.items()) if t is not None}

        def at(*dims: tuple[str, int]) -> list[Place]:
            held = [(key, dim) for key, dim in dims if key == "weight" or key in own]
            return [(f"{name}.{key}" if name else key, dim) for key, dim in held]

        match module:
            case nn.modules.conv._ConvNd() if module.groups > 1:
                if module.groups == module.in_channels == module.out_channels:
                    return at(("weight", 0), ("bias", 0))
                return f"{name} is a convolution in {module.groups} groups"
            case nn.modules.conv._ConvNd() | nn.Linear():
                transposed = isinstance(module, nn.modules.conv._ConvTransposeNd)
                if outward:
                    return at(("weight", int(transposed)), ("bias", 0))
                return at(("weight", int(not transposed)))
            case nn.GroupNorm() if module.num_groups > 1:
                return f"{name} normalizes {module.num_groups} groups of channels"
            case nn.LayerNorm() if len(module.normalized_shape) > 1:
                return f"{name} normalizes over several dimensions"
            case nn.modules.batchnorm._NormBase() | nn.GroupNorm() | nn.LayerNorm():
                if not own and not isinstance(module, nn.modules.batchnorm._BatchNorm):
                    return f"{name} has no weights that could show its new width"
                return [place for key in sorted(own - {"num_batches_tracked"}) for place in at((key, 0))]
            case nn.PReLU():
                return at(("weight", 0)) if module.num_parameters > 1 else []
            case nn.Embedding():
                return at(("weight", 1))
        if own or any(True for _ in module.parameters()):
            return f"{name} is a {type(module).__name__}, whose channels recipec can't remove"
        return []
