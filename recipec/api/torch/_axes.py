"""Channel groups in a layer table: every axis as the sum of groups that it follows."""

from __future__ import annotations

from collections.abc import Sequence

from recipec.api.layers import Axis, ChannelGroup, ChannelShare, Layer, LayerTable, Tensor
from recipec.api.replacing import UNMADE
from recipec.api.torch._coupling import Place
from recipec.api.torch._groups import CoupledChannels
from recipec.api.unknown import Unknown


def with_groups(table: LayerTable, coupled: Sequence[CoupledChannels]) -> LayerTable:
    """Put groups into a table; their ids are their places in `coupled`.

    Where an axis has entries of no group beside others (the model's input concatenated with
    features), these become protected groups of their own.
    """
    groups = [
        ChannelGroup(id=number, channels=len(group.channels), protected=group.protected)
        for number, group in enumerate(coupled)
    ]
    shares: dict[Place, list[ChannelShare]] = {}
    for number, group in enumerate(coupled):
        for place, entries in group.entries.items():
            shares.setdefault(place, []).append(ChannelShare(group=number, repeat=len(entries[0])))

    def fill(tensor: Tensor, name: str) -> Tensor:
        axes = []
        for dim, length in enumerate(tensor.shape):
            if found := shares.get((name, dim)):
                rest = length - sum(len(coupled[s.group].channels) * s.repeat for s in found)
                if rest:
                    reason = f"{rest} entries of {name} {UNMADE}"
                    groups.append(ChannelGroup(id=len(groups), channels=rest, protected=reason))
                    found = [*found, ChannelShare(group=len(groups) - 1)]
                axes.append(Axis(dim=dim, shares=tuple(found)))
        return tensor.model_copy(update={"axes": tuple(axes)})

    return LayerTable(
        layers=tuple(
            layer.model_copy(
                update={"tensors": tuple(fill(t, _full(layer, t)) for t in layer.tensors)}
            )
            for layer in table.layers
        ),
        groups=tuple(groups),
    )


def carried(table: LayerTable, known: LayerTable) -> LayerTable | None:
    """Give a table the groups and blocks of one that has the same tensors, None where they don't
    fit.

    They fit when both have the same layers and tensors, and every axis is as long as its groups
    say. Groups that are UNKNOWN stay so.
    """
    axes = {_full(layer, t): t.axes for layer in known.layers for t in layer.tensors}
    if axes.keys() != {_full(layer, t) for layer in table.layers for t in layer.tensors}:
        return None
    if isinstance(known.groups, Unknown):
        return table.model_copy(update={"blocks": known.blocks})
    channels = {group.id: group.channels for group in known.groups}
    layers = []
    for layer in table.layers:
        tensors = []
        for tensor in layer.tensors:
            of = axes[_full(layer, tensor)]
            for axis in of:
                length = sum(channels[s.group] * s.repeat for s in axis.shares)
                if axis.dim >= len(tensor.shape) or tensor.shape[axis.dim] != length:
                    return None
            tensors.append(tensor.model_copy(update={"axes": of}))
        layers.append(layer.model_copy(update={"tensors": tuple(tensors)}))
    return LayerTable(layers=tuple(layers), groups=known.groups, blocks=known.blocks)


def _full(layer: Layer, tensor: Tensor) -> str:
    return f"{layer.name}.{tensor.name}" if layer.name else tensor.name
