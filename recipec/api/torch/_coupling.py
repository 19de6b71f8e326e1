"""Torch-Pruning's dependency graph, read as: each channel of a layer and its entries elsewhere."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass
from typing import Any, NamedTuple

from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from recipec.api.torch._meta import QuickMeta

Place = tuple[str, int]
"""A tensor's full name and one of its dimensions."""


@dataclass
class Coupling:
    """The output channels of a layer, in units that can only leave whole, and what goes with them.

    A unit is mostly one channel; two that are multiplied with each other (a gated linear unit) are
    one. `entries` maps each place to a list of indices for each unit; `reasons` says for each unit
    why it may not leave.
    """

    layer: str
    units: list[tuple[int, ...]]
    entries: dict[Place, list[list[int]]]
    reasons: list[str | None]


def find_couplings(module: nn.Module, example: tuple[Tensor, ...]) -> list[Coupling]:
    """Analyse a module, which is changed (all parameters require gradients).

    Raises whatever the module or Torch-Pruning raises.
    """
    import torch_pruning as tp  # not at the top: a pruned module loads without it

    fed = _Fed(module, example)
    for parameter in fed.parameters():
        if parameter.is_floating_point():
            parameter.requires_grad_(True)  # the graph is read from autograd
    returned: set[Any] = set()

    def note_outputs(output: Any) -> list[Tensor]:
        tensors = [leaf for leaf in tree_leaves(output) if isinstance(leaf, Tensor)]
        if any(tensor.grad_fn is None for tensor in tensors):
            raise ValueError("an output doesn't depend on the parameters differentiably")
        returned.update(tensor.grad_fn for tensor in tensors)
        return tensors

    with warnings.catch_warnings(), QuickMeta():
        warnings.simplefilter("ignore")
        graph = tp.DependencyGraph().build_dependency(
            fed, example, output_transform=note_outputs, verbose=False
        )
    reader = _Reader(graph, fed, returned)
    found: list[Coupling] = []
    seen: set[nn.Module] = set()
    for layer in graph.module2node:
        if isinstance(layer, nn.modules.conv._ConvNd | nn.Linear) and layer not in seen:
            coupling, reached = reader.read(layer)
            found.append(coupling)
            seen |= reached
    return found


class _Fed(nn.Module):
    """A module whose inputs pass through a layer of their own first.

    Torch-Pruning reads its graph from autograd, where inputs don't stand: of a concatenation with
    an input it would see the other part alone, at the wrong place.
    """

    def __init__(self, module: nn.Module, example: tuple[Tensor, ...]) -> None:
        super().__init__()
        self.module = module
        self.entrances = nn.ModuleList(map(_entrance, example)).to("meta")
        self.eval()

    def forward(self, *inputs: Tensor) -> Any:
        return self.module(*(e(x) for e, x in zip(self.entrances, inputs, strict=True)))


def _entrance(x: Tensor) -> nn.Module:
    """Make a layer that Torch-Pruning knows to have as many channels as an input."""
    if not x.is_floating_point() or x.dim() < 2:
        return nn.Identity()
    if x.dim() == 3:  # a sequence: its channels come last
        return nn.LayerNorm(x.shape[-1], dtype=x.dtype)
    return nn.PReLU(x.shape[1], dtype=x.dtype)


class _Index(NamedTuple):
    """An entry of the dimension at hand, and the root's channel that it belongs to."""

    idx: int
    root_idx: int


_Step = tuple[Any, Any, dict[int, int]]


class _Reader:
    """Translates Torch-Pruning's groups (nodes and pruning functions) to tensors and dimensions."""

    def __init__(self, graph: Any, fed: _Fed, returned: set[Any]) -> None:
        self.graph = graph
        self.returned = returned
        self.entrances = set(fed.entrances)
        modules = dict(fed.module.named_modules())
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
        try:
            steps, unions = self._walk(root, count)
            lost = None
        except ValueError as problem:
            steps, unions, lost = [], list(range(count)), str(problem)
        units: dict[int, list[int]] = {}
        for channel in range(count):
            units.setdefault(_find(unions, channel), []).append(channel)
        number = {representative: n for n, representative in enumerate(units)}
        found = Coupling(
            self.names[root], [tuple(unit) for unit in units.values()], {}, [lost] * len(units)
        )
        reached = {root}
        for node, function, indices in steps:
            outward = self.graph.is_out_channel_pruning_fn(function)
            at = [(entry, number[_find(unions, channel)]) for entry, channel in indices.items()]
            if outward and isinstance(node.module, nn.Module):
                reached.add(node.module)
            reasons = ["feeds the outputs"] if outward and node.grad_fn in self.returned else []
            places = self._places(node, outward)
            if isinstance(places, str):
                reasons.append(places)
            else:
                for place in places:
                    if reason := self._record(found, place, at):
                        reasons.append(reason)
            for reason in reasons:
                for _, unit in at:
                    found.reasons[unit] = found.reasons[unit] or reason
        return found, reached

    def _record(self, found: Coupling, place: Place, at: list[tuple[int, int]]) -> str | None:
        """Note the entries of units at a place; say why they can't leave there."""
        name, dim = place
        if name not in self.tensors:
            return f"{name} is not a tensor of its own (parametrized?)"
        tensor = self.tensors[name]
        of = found.entries.get(place)
        if of is None:
            of = found.entries[place] = [[] for _ in found.units]
        for entry, unit in at:
            if entry >= tensor.shape[dim]:
                return f"{name} has fewer entries than the channels it meets"
            of[unit].append(entry)
        if self.owners[id(tensor)] > 1:
            return f"{name} is shared by several layers"
        return None

    def _walk(self, root: nn.Module, count: int) -> tuple[list[_Step], list[int]]:
        """Follow the graph's dependencies from a layer's output channels to all that must follow.

        Gives nodes with the function that would prune them and, for each entry there, the channel
        it belongs to; and a union-find forest of channels that meet in one entry.

        This is `DependencyGraph.get_pruning_group` with an end: that one doesn't return, and takes
        all memory, where the graph is wrong (a linear layer's weight used without calling it, as in
        torchvision's Swin). Raises ValueError then.
        """
        start = self.graph.module2node[root]
        function = self.graph.get_pruner_of_module(root).prune_out_channels
        first = [_Index(channel, channel) for channel in range(count)]
        found: dict[tuple[Any, Any], dict[int, int]] = {(start, function): dict(first)}
        unions = list(range(count))
        waiting = [(start, function, first)]
        while waiting:
            node, function, indices = waiting.pop()
            for dependency in node.dependencies:
                if not dependency.is_triggered_by(function):
                    continue
                mapped = indices
                for mapping in filter(None, dependency.index_mapping):
                    mapped = mapping(mapped)
                if len(mapped) > self.widest or any(i.root_idx is None for i in mapped):
                    raise ValueError(f"Torch-Pruning loses its channels at {self._name(node)}")
                if not mapped:
                    continue
                known = found.setdefault((dependency.target, dependency.handler), {})
                fresh = []
                for index in mapped:
                    if index.idx in known:
                        _unite(unions, known[index.idx], index.root_idx)
                    else:
                        known[index.idx] = index.root_idx
                        fresh.append(index)
                if fresh:
                    waiting.append((dependency.target, dependency.handler, fresh))
        return [(node, function, of) for (node, function), of in found.items()], unions

    def _name(self, node: Any) -> str:
        """Name a node: a layer, or a kind of operation (`_ExpandOp` is "expand")."""
        kind = type(node.module).__name__.strip("_").removesuffix("Op").lower()
        return self.names.get(node.module) or f"an operation '{kind}'"

    def _places(self, node: Any, outward: bool) -> list[Place] | str:
        """Give the places where a node's channels live, or say why they can't leave."""
        module = node.module
        if isinstance(module, nn.Parameter):
            full = next(name for name, tensor in self.tensors.items() if tensor is module)
            return [(full, node.pruning_dim % module.dim())]
        if module in self.entrances:
            return "meets the input"
        name = self.names.get(module)
        if name is None:  # an operation without parameters: addition, concatenation, reshape
            return []
        own = {
            k for k, t in (*module._parameters.items(), *module._buffers.items()) if t is not None
        }

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
                return [
                    place for key in sorted(own - {"num_batches_tracked"}) for place in at((key, 0))
                ]
            case nn.PReLU():
                return at(("weight", 0)) if module.num_parameters > 1 else []
            case nn.Embedding():
                return at(("weight", 1))
        if own or any(True for _ in module.parameters()):
            return f"{name} is a {type(module).__name__}, whose channels recipec can't remove"
        return []


def _find(unions: list[int], channel: int) -> int:
    while unions[channel] != channel:
        channel = unions[channel]
    return channel


def _unite(unions: list[int], one: int, other: int) -> None:
    first, second = sorted((_find(unions, one), _find(unions, other)))
    unions[second] = first
