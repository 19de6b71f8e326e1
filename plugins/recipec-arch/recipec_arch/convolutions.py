"""Which convolutions are standard ones, and what the layer table is without them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import prod
from typing import Final, Literal

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
from recipec.api.replacing import Replacement, axes, in_groups, row_axes

Between = Literal["norm_relu", "norm", "nothing"]
DIMS: Final = {"Conv1d": 1, "Conv2d": 2, "Conv3d": 3}
MEETS_INPUT: Final = "meets the input"
"""Why the channels of a depthwise convolution on the model's input can't leave."""


def choose_standard(
    table: LayerTable,
    inputs: Sequence[TensorSpec] | Unknown,
    include: Sequence[str],
    exclude: Sequence[str],
) -> Replaceable:
    """Choose the selected convolutions that can be replaced.

    Raises OperatorError at a selector, as `choose_replaceable` does.
    """
    return choose_replaceable(
        table,
        include,
        exclude,
        tuple(DIMS),
        lambda row: why_not(row, table, inputs),
        "standard convolutions (groups 1) with kernels larger than 1",
    )


def why_not(row: Layer, table: LayerTable, inputs: Sequence[TensorSpec] | Unknown) -> str | None:
    """Say why a layer can't be replaced, None when it is a standard convolution."""
    weight = row.weight
    if row.type not in DIMS:
        return "is no standard convolution"
    if weight is None or not row.positions:
        return "is never called"
    if len(weight.shape) != DIMS[row.type] + 2:
        return f"has a weight of {len(weight.shape)} dimensions"
    if prod(weight.shape[2:]) == 1:
        return "has a kernel of size 1"
    if weight.shape[1] == 1:
        return "reads one channel for each filter, so there is nothing to separate"
    if shared := shared_with(row):
        return shared
    if in_groups(row, table, inputs) is True:  # UNKNOWN: the run will see
        return "is a convolution in groups"
    return None


def ratio(row: Layer) -> Fraction:
    """Give a convolution's multiply-adds after ÷ before: 1/c_out + 1/k² for a k×k kernel.

    Howard et al., arXiv:1704.04861, section 3.1.
    """
    assert row.weight is not None
    return Fraction(1, row.weight.shape[0]) + Fraction(1, prod(row.weight.shape[2:]))


def separated(row: Layer, between: Between, new: int) -> Replacement:
    """Give the rows that stand in a convolution's place; `new` is a free id below 0.

    Channels of the depthwise convolution are those that the layer reads. Where these follow no
    group, as they are the model's input, they are a protected group of their own.
    """
    weight, dims = row.weight, DIMS[row.type]
    assert weight is not None
    out_channels, channels, *kernel = weight.shape
    reads, makes = row_axes(weight, 1), {}
    if not reads and row_axes(weight, 0):
        reads = (ChannelShare(group=new),)
        makes = {
            f"{row.name}.depthwise": ChannelGroup(id=new, channels=channels, protected=MEETS_INPUT)
        }

    def tensor(name: str, role: Literal["parameter", "buffer"], zeros: int, *shape: int) -> Tensor:
        dtype = weight.dtype if shape else "int64"
        of = axes((0, reads)) if shape else ()
        return Tensor(name=name, shape=shape, dtype=dtype, role=role, zeros=zeros, axes=of)

    depthwise = Tensor(
        name="weight", shape=(channels, 1, *kernel), dtype=weight.dtype, axes=axes((0, reads))
    )
    pointwise = Tensor(
        name="weight",
        shape=(out_channels, channels, *[1] * dims),
        dtype=weight.dtype,
        axes=axes((0, row_axes(weight, 0)), (1, reads)),
    )
    biases = tuple(t.without_zeros() for t in row.tensors if t.name == "bias")
    rows = [
        Layer(
            name=f"{row.name}.depthwise",
            type=row.type,
            tensors=(depthwise,),
            positions=row.positions,
        )
    ]
    if between != "nothing":
        norm = (
            tensor("weight", "parameter", 0, channels),
            tensor("bias", "parameter", channels, channels),
            tensor("running_mean", "buffer", channels, channels),
            tensor("running_var", "buffer", 0, channels),
            tensor("num_batches_tracked", "buffer", 1),
        )
        rows.append(
            Layer(
                name=f"{row.name}.norm",
                type=f"BatchNorm{dims}d",
                tensors=norm,
                folds_into=f"{row.name}.depthwise",
            )
        )
    last = f"{row.name}.pointwise"
    rows.append(
        Layer(name=last, type=row.type, tensors=(pointwise, *biases), positions=row.positions)
    )
    return Replacement(tuple(rows), last, makes)
