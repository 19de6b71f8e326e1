"""Coupled channels of a torch module: which entries of which tensors can only leave together.

The coupling is found by Torch-Pruning's dependency graph (Fang et al., "DepGraph: Towards Any
Structural Pruning", CVPR 2023, arXiv:2301.12900) on a copy on the meta device. Then every group is
tried (`_trial.py`). A group that can't leave is protected, with the reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from torch import nn

from recipec.api.artifacts import TensorSpec
from recipec.api.edits import KeepEntries
from recipec.api.torch._coupling import Coupling, Place, find_couplings
from recipec.api.torch._trial import Trial

MAKING = (nn.modules.conv._ConvNd, nn.Linear)
"""Layers that make channels; others only pass them on."""

ONE = 1 << 31
"""The share of a group's channels, 1 / `ONE`, that is a single one."""


@dataclass(frozen=True)
class CoupledChannels:
    """Channels that can only leave with all their entries in all layers.

    `channels` are output channels of `layer`, in units that can only leave whole (mostly of one;
    the two halves of a gated linear unit make units of two). A unit is what a layer table counts as
    a channel of the group. `entries` maps each place (a tensor's full name and a dimension) to the
    indices there of each unit. `protected` says why none may leave.
    """

    layer: str
    channels: tuple[tuple[int, ...], ...]
    entries: Mapping[Place, tuple[tuple[int, ...], ...]]
    protected: str | None = None

    def entries_of(self, positions: Iterable[int]) -> dict[Place, set[int]]:
        """Give the entries of some of the units, by their positions in `channels`."""
        chosen = list(positions)
        return {
            place: {entry for position in chosen for entry in entries[position]}
            for place, entries in self.entries.items()
        }


def coupled_channels(module: nn.Module, inputs: Sequence[TensorSpec]) -> list[CoupledChannels]:
    """Find all groups of coupled channels; a group's number in layer tables is its place here.

    They come in the order in which the layers are first called. When the module can't be analysed
    as a whole, one protected group says why.
    """
    try:
        trial = Trial(module, inputs)
        couplings = find_couplings(trial.copy(), trial.example)
    except Exception as problem:  # tracing runs user code, and Torch-Pruning gives up in many ways
        return [_unanalysed(module, problem)]
    order = {name: place for place, name in enumerate(trial.order)}
    groups = [
        _named_by_first(group, module, order)
        for coupling in couplings
        for group in _split(coupling)
    ]
    groups.sort(key=lambda group: (order[group.layer], group.channels))
    return _tried(_without_overlaps(groups), trial)


def keep_entries(
    module: nn.Module, leaving: Iterable[tuple[CoupledChannels, Iterable[int]]]
) -> tuple[KeepEntries, ...]:
    """Give the edits by which channels leave: for each group, positions in its `channels`."""
    gone: defaultdict[Place, set[int]] = defaultdict(set)
    for group, positions in leaving:
        for place, entries in group.entries_of(positions).items():
            gone[place] |= entries
    lengths = {
        (name, dim): length
        for name, tensor in (*module.named_parameters(), *module.named_buffers())
        for dim, length in enumerate(tensor.shape)
    }
    return tuple(
        KeepEntries(
            tensor=name,
            dim=dim,
            indices=tuple(i for i in range(length) if i not in gone[name, dim]),
        )
        for (name, dim), length in lengths.items()
        if gone.get((name, dim))
    )


def _split(coupling: Coupling) -> list[CoupledChannels]:
    """Split a layer's channels into those that are alike: as many entries at the same places.

    One layer's channels may be added to the concatenation of two others: then they are two groups.
    """
    alike: defaultdict[object, list[int]] = defaultdict(list)
    for unit, reason in enumerate(coupling.reasons):
        counts = ((place, len(entries[unit])) for place, entries in coupling.entries.items())
        signature = frozenset((place, count) for place, count in counts if count)
        alike[signature, len(coupling.units[unit]), reason].append(unit)
    return [
        CoupledChannels(
            layer=coupling.layer,
            channels=tuple(coupling.units[unit] for unit in units),
            entries={
                place: tuple(tuple(of[unit]) for unit in units)
                for place, of in coupling.entries.items()
                if of[units[0]]
            },
            protected=coupling.reasons[units[0]],
        )
        for units in alike.values()
    ]


def _named_by_first(
    group: CoupledChannels, module: nn.Module, order: Mapping[str, int]
) -> CoupledChannels:
    """Name a group by the first called of the layers that make its channels, and sort its units."""
    makers = {}
    for tensor, dim in group.entries:
        layer, _, name = tensor.rpartition(".")
        owner = module.get_submodule(layer)
        transposed = isinstance(owner, nn.modules.conv._ConvTransposeNd)
        if isinstance(owner, MAKING) and name == "weight" and dim == transposed and layer in order:
            makers[layer] = (tensor, dim)
    if not makers:
        return group
    first = min(makers, key=order.__getitem__)
    channels = group.entries[makers[first]]
    sorted_units = sorted(range(len(channels)), key=channels.__getitem__)
    return CoupledChannels(
        layer=first,
        channels=tuple(channels[unit] for unit in sorted_units),
        entries={
            place: tuple(entries[unit] for unit in sorted_units)
            for place, entries in group.entries.items()
        },
        protected=group.protected,
    )


def _without_overlaps(groups: list[CoupledChannels]) -> list[CoupledChannels]:
    """Protect groups that claim the same entry: the analysis contradicts itself there."""
    owner: dict[tuple[Place, int], int] = {}
    clashes: dict[int, Place] = {}
    for number, group in enumerate(groups):
        for place, of in group.entries.items():
            for entry in (entry for entries in of for entry in entries):
                other = owner.setdefault((place, entry), number)
                if other != number:
                    clashes.update({number: place, other: place})
    return [
        replace(group, protected=f"{clashes[number][0]} follows two groups of channels at once")
        if number in clashes and group.protected is None
        else group
        for number, group in enumerate(groups)
    ]


def _tried(groups: list[CoupledChannels], trial: Trial) -> list[CoupledChannels]:
    """Protect the groups that can't shrink alone, or without which the module would not work."""

    def attempt(numbers: Iterable[int], share: int) -> str | None:
        """Say what goes wrong when each group loses a share of its channels, 1 / `share`."""
        sizes = {number: len(groups[number].channels) for number in numbers}
        gone = {n: range(size - max(1, size // share), size) for n, size in sizes.items()}
        leaving = [(groups[number], positions) for number, positions in gone.items()]
        return trial.without(keep_entries(trial.module, leaving))

    def free() -> list[int]:
        return [n for n, g in enumerate(groups) if g.protected is None and len(g.channels) > 1]

    def together() -> str | None:
        # All at once; then such halves that any two groups are once apart, since a module may
        # accept that all parts of a split shrink alike, but not one of them. One channel shows what
        # must divide evenly, half of them what must keep its size.
        numbers = free()
        parts = [
            [n for place, n in enumerate(numbers) if place >> bit & 1]
            for bit in range(len(numbers).bit_length())
        ]
        trials = [(numbers, 2), (numbers, ONE), *((part, ONE) for part in parts)]
        return next((why for part, share in trials if part and (why := attempt(part, share))), None)

    if together() is not None:
        for number in free():
            if why := attempt([number], ONE) or attempt([number], 2):
                groups[number] = replace(groups[number], protected=why)
        if why := together():
            for number in free():
                groups[number] = replace(groups[number], protected=why)
    return groups


def _unanalysed(module: nn.Module, problem: Exception) -> CoupledChannels:
    widths = [child.weight.shape[0] for child in module.modules() if isinstance(child, MAKING)]
    first = str(problem).partition("\n")[0]
    reason = f"the module can't be analysed: {type(problem).__name__}: {first}"
    return CoupledChannels("", tuple((n,) for n in range(sum(widths))), {}, reason)
