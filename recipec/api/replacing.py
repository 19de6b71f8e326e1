"""The layer table after layers were replaced by several that do their work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from types import MappingProxyType
from typing import Final, NamedTuple

from recipec.api.artifacts import TensorSpec
from recipec.api.layers import Axis, ChannelGroup, ChannelShare, Layer, LayerTable, Tensor
from recipec.api.unknown import UNKNOWN, Unknown

UNMADE: Final = "come from no layer's output"
"""How the reason ends for which entries of an axis that no layer makes are protected."""


class Replacement(NamedTuple):
    """What stands in a layer's place.

    `rows` come in the order in which they are called. `last` names the one whose output is that of
    the replaced layer. `makes` are channels that the layer didn't have, by the row that makes them:
    groups with ids below 0, which the rows' axes use.
    """

    rows: tuple[Layer, ...]
    last: str
    makes: Mapping[str, ChannelGroup] = MappingProxyType({})


def row_axes(tensor: Tensor, dim: int) -> tuple[ChannelShare, ...]:
    """Give the shares that one dimension of a tensor follows, none where it follows no channels."""
    return next((axis.shares for axis in tensor.axes if axis.dim == dim), ())


def axes(*of: tuple[int, tuple[ChannelShare, ...]]) -> tuple[Axis, ...]:
    """Give axes by dimension; those without shares follow no channels, and are left out."""
    return tuple(Axis(dim=dim, shares=shares) for dim, shares in of if shares)


def replaced(table: LayerTable, by: Mapping[str, Replacement]) -> LayerTable:
    """Give the table with replacements in the place of the layers that `by` names.

    New groups take the numbers that they would have if the new module were analysed. Groups become
    UNKNOWN where entries that no layer makes (a concatenated input) would have to be told apart.
    """
    lasts = {name: one.last for name, one in by.items()}
    rows: list[Layer] = []
    for row in table.layers:
        if row.name in by:
            rows += by[row.name].rows
        elif row.folds_into in lasts:
            rows.append(row.model_copy(update={"folds_into": lasts[row.folds_into]}))
        else:
            rows.append(row)
    if isinstance(table.groups, Unknown) or _mixed(table, table.groups, by):
        bare = tuple(map(_without_axes, rows))
        return table.model_copy(update={"layers": bare, "groups": UNKNOWN})
    if not any(tensor.axes for row in table.layers for tensor in row.tensors):
        bare = tuple(map(_without_axes, rows))
        widened = _widened(table, table.groups, by)
        return table.model_copy(update={"layers": bare, "groups": widened})
    new = [(row, group) for one in by.values() for row, group in one.makes.items()]
    groups = _merged(rows, table.groups, new)
    numbers = {group.id: number for number, group in enumerate(groups)}
    return table.model_copy(
        update={
            "layers": tuple(_renumbered(row, numbers) for row in rows),
            "groups": tuple(g.model_copy(update={"id": numbers[g.id]}) for g in groups),
        }
    )


def made_in(row: Layer) -> tuple[ChannelShare, ...]:
    """Give what a convolution's or linear layer's output channels are; nothing for other layers."""
    if row.weight is None or not row.positions:
        return ()
    return row_axes(row.weight, 1 if row.type.startswith("ConvTranspose") else 0)


def in_groups(
    row: Layer, table: LayerTable, inputs: Sequence[TensorSpec] | Unknown
) -> bool | Unknown:
    """Say whether a convolution splits its channels into groups, UNKNOWN where a table can't tell.

    A table doesn't hold it. But where channels were analysed, one that follows those it reads isn't
    grouped, and one that follows none is, unless it reads the model's input (`[N, channels, …]`).
    """
    assert row.weight is not None
    if row_axes(row.weight, 1):
        return False
    if not any(tensor.axes for other in table.layers for tensor in other.tensors):
        return UNKNOWN
    read = () if isinstance(inputs, Unknown) else [s.shape[1] for s in inputs if s.shape[1:]]
    return row.weight.shape[1] not in read


def _mixed(
    table: LayerTable, groups: tuple[ChannelGroup, ...], by: Mapping[str, Replacement]
) -> bool:
    """Whether a replaced layer reads entries that no layer makes, which are groups by the place."""
    unmade = {g.id for g in groups if g.protected is not None and g.protected.endswith(UNMADE)}
    return any(
        share.group in unmade
        for row in table.layers
        if row.name in by
        for tensor in row.tensors
        for axis in tensor.axes
        for share in axis.shares
    )


def _widened(
    table: LayerTable, groups: tuple[ChannelGroup, ...], by: Mapping[str, Replacement]
) -> tuple[ChannelGroup, ...]:
    """Recount the one group of a module that can't be analysed: all channels that layers make."""
    before = sum(_width(row) for row in table.layers if row.name in by)
    after = sum(_width(row) for one in by.values() for row in one.rows)
    return tuple(
        group.model_copy(update={"channels": group.channels + after - before}) for group in groups
    )


def _width(row: Layer) -> int:
    return row.weight.shape[0] if row.weight is not None and row.positions else 0


def _merged(
    rows: Iterable[Layer],
    known: tuple[ChannelGroup, ...],
    new: Iterable[tuple[str, ChannelGroup]],
) -> list[ChannelGroup]:
    """Put new groups among the known ones, in the order in which their channels are first made."""
    places: dict[str, int] = {}
    first: dict[int, float] = {}
    for place, row in enumerate(rows):
        places[row.name] = place
        for share in made_in(row):
            first.setdefault(share.group, place)
    for group in known:  # of a convolution in groups no axis tells, but the reason does
        if group.protected is not None and (named := group.protected.partition(" ")[0]) in places:
            first.setdefault(group.id, places[named])
    groups = list(known)
    for row_name, group in sorted(new, key=lambda one: places[one[0]]):
        before = [
            number
            for number, other in enumerate(groups)
            if first.get(other.id, inf) < places[row_name]
        ]
        groups.insert(before[-1] + 1 if before else 0, group)
        first[group.id] = places[row_name]
    return groups


def _renumbered(row: Layer, numbers: Mapping[int, int]) -> Layer:
    def fill(tensor: Tensor) -> Tensor:
        if not tensor.axes:
            return tensor
        renumbered = tuple(
            Axis(
                dim=axis.dim,
                shares=tuple(
                    share.model_copy(update={"group": numbers[share.group]})
                    for share in axis.shares
                ),
            )
            for axis in tensor.axes
        )
        return tensor.model_copy(update={"axes": renumbered})

    return row.with_tensors(tuple(map(fill, row.tensors)))


def _without_axes(row: Layer) -> Layer:
    return row.with_tensors(
        tuple(
            tensor.model_copy(update={"axes": ()}) if tensor.axes else tensor
            for tensor in row.tensors
        )
    )
