"""Which residual blocks of a model may leave, and how many do: decided from the layer table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from recipec.api import LayerTable, OperatorError, ResidualBlock, Unknown
from recipec.api.blocks import inside, outermost
from recipec.api.selectors import choose
from recipec_prune.weights import some


class Candidates(NamedTuple):
    """Blocks of which `leave` leave; `matched` is that of the selectors, for a `StagePlan`.

    `parameters` says of each block how many go with it.
    """

    blocks: tuple[ResidualBlock, ...]
    leave: int
    parameters: Mapping[str, int]
    matched: Mapping[str, tuple[str, ...]]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(block.name for block in self.blocks)

    @property
    def settled(self) -> bool:
        """Whether it is known without any data which blocks leave."""
        return self.leave in (0, len(self.blocks))


def named(table: LayerTable, names: Sequence[str]) -> Candidates:
    """Take the blocks that a recipe names; all of them leave.

    Raises OperatorError at ("blocks", i) for what is no block that can leave, is named twice, or is
    inside another that is named.
    """
    assert not isinstance(table.blocks, Unknown)
    known = {block.name: block for block in table.blocks}
    for number, name in enumerate(names):
        at = ("blocks", number)
        if name in names[:number]:
            raise OperatorError(f"{name!r} is named twice", at=at)
        if inside(name, names):
            raise OperatorError(f"{name!r} is inside another block that leaves", at=at)
        if name not in known:
            near = get_close_matches(name, known, n=1)
            meant = f"did you mean {near[0]!r}? " if near else ""
            raise OperatorError(
                f"{name!r} is no residual block that can leave", at=at, hint=meant + _listed(table)
            )
    chosen = tuple(known[name] for name in names)
    return Candidates(chosen, len(chosen), _parameters(table, chosen), {})


def among(
    table: LayerTable,
    amount: float | None,
    count: int | None,
    include: Sequence[str],
    exclude: Sequence[str],
) -> Candidates:
    """Take the outermost blocks whose layers the selectors leave in, of which a part leaves.

    Raises OperatorError as `choose` does, at ("count",) when there are fewer blocks, and when there
    is none.
    """
    assert not isinstance(table.blocks, Unknown)
    selection = choose(table, include, exclude)
    included = {layer.name for layer in selection.included}
    excluded = {layer.name for layer in selection.excluded}
    blocks = []
    for block in outermost(table.blocks):
        rows = _rows(table, block)
        if rows & included and not rows & excluded:
            blocks.append(block)
    if not blocks:
        where = "the selectors leave no residual block" if table.blocks else "there is none"
        raise OperatorError(
            f"no residual block can leave: {where}",
            hint=_listed(table)
            if table.blocks
            else "a block's output is its input and something added, of the same shape",
        )
    if count is not None and count > len(blocks):
        raise OperatorError(
            f"{count} blocks are more than can leave: {len(blocks)}",
            at=("count",),
            hint=_listed(table),
        )
    leave = count if count is not None else round((amount or 0.0) * len(blocks))
    return Candidates(tuple(blocks), leave, _parameters(table, blocks), selection.matched)


def _rows(table: LayerTable, block: ResidualBlock) -> set[str]:
    return {
        row.name for row in table.layers if row.name == block.name or inside(row.name, [block.name])
    }


def _parameters(table: LayerTable, blocks: Sequence[ResidualBlock]) -> dict[str, int]:
    rows = {row.name: row.parameters for row in table.layers}
    return {block.name: sum(rows[name] for name in _rows(table, block)) for block in blocks}


def _listed(table: LayerTable) -> str:
    assert not isinstance(table.blocks, Unknown)
    names = [block.name for block in outermost(table.blocks)]
    return f"blocks that can leave: {some(names, 12)}" if names else "the model has no such block"
