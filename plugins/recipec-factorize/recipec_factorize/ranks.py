"""Which layers can be factorized, at which rank, and what the layer table is then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import prod
from typing import Final

from recipec.api import (
    ChannelGroup,
    ChannelShare,
    Layer,
    LayerTable,
    Tensor,
    TensorSpec,
    Unknown,
)
from recipec.api.replaceable import Replaceable, choose_replaceable, shared_with
from recipec.api.replacing import Replacement, axes, in_groups, replaced, row_axes

DIMENSIONS: Final = {"Linear": 2, "Conv1d": 3, "Conv2d": 4, "Conv3d": 5}
"""Of the weight of each type of layer that can be factorized."""


def choose_factorizable(
    table: LayerTable,
    inputs: Sequence[TensorSpec] | Unknown,
    include: Sequence[str],
    exclude: Sequence[str],
) -> Replaceable:
    """Choose the selected linear layers and 1×1 convolutions.

    Raises OperatorError at a selector, as `choose_replaceable` does.
    """
    return choose_replaceable(
        table,
        include,
        exclude,
        tuple(DIMENSIONS),
        lambda row: why_not(row, table, inputs),
        "linear layers, or convolutions with kernels of size 1",
    )


def why_not(row: Layer, table: LayerTable, inputs: Sequence[TensorSpec] | Unknown) -> str | None:
    """Say why a layer can't be factorized, None when it can."""
    weight = row.weight
    if row.type not in DIMENSIONS:
        return "is neither a linear layer nor a convolution"
    if weight is None or not row.positions:
        return "is never called"
    if len(weight.shape) != DIMENSIONS[row.type]:
        return f"has a weight of {len(weight.shape)} dimensions"
    if prod(weight.shape[2:]) > 1:
        return "has a kernel larger than 1"
    if not weight.dtype.startswith(("float", "bfloat")):
        return f"has a weight of type {weight.dtype}"
    if shared := shared_with(row):
        return shared
    if row.type != "Linear" and in_groups(row, table, inputs) is True:  # UNKNOWN: the run will see
        return "is a convolution in groups"
    return None


def full_rank(row: Layer) -> int:
    """Give the most that the rank of a layer's weight, `[out, in]`, can be."""
    assert row.weight is not None
    return min(row.weight.shape[:2])


def rank_of(row: Layer, rank: int | None, share: float | None, parameters: float | None) -> int:
    """Give the rank that one of the three asks of a layer: as a number, a share of the full rank
    (rounded, at least 1), or so that at most this share of the weight's elements is left."""
    assert row.weight is not None
    if rank is not None:
        return rank
    if share is not None:
        return max(1, round(full_rank(row) * share))
    assert parameters is not None
    out, into = row.weight.shape[:2]
    return max(1, int(Fraction(str(parameters)) * out * into / (out + into)))


def shrinks(row: Layer, rank: int) -> bool:
    """Say whether two factors, `[out, rank]` and `[rank, in]`, have fewer elements than one."""
    assert row.weight is not None
    out, into = row.weight.shape[:2]
    return rank * (out + into) < out * into


def factorized(table: LayerTable, ranks: Mapping[str, int]) -> LayerTable:
    """Give the table with layers in two, by the name and rank of each."""
    rows = [row for row in table.layers if row.name in ranks]
    return replaced(
        table, {row.name: _in_two(row, ranks[row.name], -1 - n) for n, row in enumerate(rows)}
    )


def _in_two(row: Layer, rank: int, new: int) -> Replacement:
    """Give the rows of both factors; `new` is the id of the channels between them."""
    weight = row.weight
    assert weight is not None
    out, into, *ones = weight.shape
    followed = bool(weight.axes)
    between = (ChannelShare(group=new),) if followed else ()
    first = Tensor(
        name="weight",
        shape=(rank, into, *ones),
        dtype=weight.dtype,
        axes=axes((0, between), (1, row_axes(weight, 1))),
    )
    second = Tensor(
        name="weight",
        shape=(out, rank, *ones),
        dtype=weight.dtype,
        axes=axes((0, row_axes(weight, 0)), (1, between)),
    )
    biases = tuple(tensor for tensor in row.tensors if tensor.name == "bias")
    names = f"{row.name}.reduce", f"{row.name}.expand"
    rows = (
        Layer(name=names[0], type=row.type, tensors=(first,), positions=row.positions),
        Layer(name=names[1], type=row.type, tensors=(second, *biases), positions=row.positions),
    )
    makes = {names[0]: ChannelGroup(id=new, channels=rank)} if followed else {}
    return Replacement(rows, names[1], makes)
