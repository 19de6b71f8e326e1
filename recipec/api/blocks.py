"""Removing residual blocks from a layer table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from recipec.api.layers import Axis, Layer, LayerTable, ResidualBlock
from recipec.api.replacing import made_in
from recipec.api.unknown import UNKNOWN, Unknown


def outermost(blocks: Sequence[ResidualBlock]) -> tuple[ResidualBlock, ...]:
    """Give the blocks that are in no other block."""
    return tuple(block for block in blocks if not any(inside(block.name, [o.name]) for o in blocks))


def inside(name: str, blocks: Iterable[str]) -> bool:
    """Say whether a module's name is below that of one of the blocks."""
    return any(name.startswith(f"{block}.") for block in blocks)


def shares_tensors(table: LayerTable, block: str) -> bool:
    """Say whether layers inside a block share a tensor with layers outside of it."""
    return any(
        inside(f"{row.name}.", [block]) != inside(f"{other}.", [block])
        for row in table.layers
        for tensor in row.tensors
        for other in tensor.shared_with
    )


def without_blocks(table: LayerTable, names: Sequence[str]) -> LayerTable:
    """Give the table after these blocks have left: their rows go, all others stay as they are.

    Channel groups that only they had go too; the others are numbered anew. Where a group is
    protected for the sake of a layer that leaves, groups are UNKNOWN: they'd have to be found anew.
    """

    def stays(name: str) -> bool:
        return name not in names and not inside(name, names)

    rows = tuple(row for row in table.layers if stays(row.name))
    blocks = table.blocks
    if not isinstance(blocks, Unknown):
        blocks = tuple(block for block in blocks if stays(block.name))
    groups = table.groups
    if not isinstance(groups, Unknown):
        used = _groups(table.layers)
        if not used:  # the module can't be analysed: one group stands for all channels
            gone = sum(_width(row) for row in table.layers if not stays(row.name))
            groups = tuple(
                group.model_copy(update={"channels": group.channels - gone}) for group in groups
            )
        elif any(name in str(group.protected) for group in groups for name in names):
            rows, groups = tuple(map(_without_axes, rows)), UNKNOWN
        else:
            unused = used - _groups(rows)
            kept = [group for group in groups if group.id not in unused]
            first = _first_made(rows)
            kept.sort(key=lambda group: first.get(group.id, len(rows)))
            numbers = {group.id: number for number, group in enumerate(kept)}
            rows = tuple(_renumbered(row, numbers) for row in rows)
            groups = tuple(
                group.model_copy(update={"id": number}) for number, group in enumerate(kept)
            )
    return LayerTable(layers=rows, groups=groups, blocks=blocks)


def _groups(rows: Iterable[Layer]) -> set[int]:
    return {
        share.group
        for row in rows
        for tensor in row.tensors
        for axis in tensor.axes
        for share in axis.shares
    }


def _first_made(rows: Sequence[Layer]) -> Mapping[int, int]:
    """Give the place of the row that makes a group's channels first: groups are in this order."""
    found: dict[int, int] = {}
    for place, row in enumerate(rows):
        for share in made_in(row):
            found.setdefault(share.group, place)
    return found


def _without_axes(row: Layer) -> Layer:
    return row.with_tensors(
        tuple(t.model_copy(update={"axes": ()}) if t.axes else t for t in row.tensors)
    )


def _width(row: Layer) -> int:
    return row.weight.shape[0] if row.weight is not None and row.positions else 0


def _renumbered(row: Layer, numbers: Mapping[int, int]) -> Layer:
    def axis(of: Axis) -> Axis:
        shares = tuple(
            share.model_copy(update={"group": numbers[share.group]}) for share in of.shares
        )
        return of.model_copy(update={"shares": shares})

    return row.with_tensors(
        tuple(
            tensor.model_copy(update={"axes": tuple(map(axis, tensor.axes))})
            if tensor.axes
            else tensor
            for tensor in row.tensors
        )
    )
