"""The layer table after layers were replaced: rows, folding, numbers of groups, blocks."""

import pytest

from recipec.api import (
    UNKNOWN,
    Axis,
    ChannelGroup,
    ChannelShare,
    Layer,
    LayerTable,
    Tensor,
    TensorSpec,
)
from recipec.api.layers import ResidualBlock
from recipec.api.replacing import Replacement, axes, in_groups, made_in, replaced, row_axes


def linear(name, out, into, shape):
    of = axes(
        *(
            (dim, (ChannelShare(group=group),))
            for dim, group in ((0, out), (1, into))
            if group is not None
        )
    )
    return Layer(
        name=name,
        type="Linear",
        tensors=(Tensor(name="weight", shape=shape, dtype="float32", axes=of),),
        positions=1,
    )


TABLE = LayerTable(
    layers=(
        linear("a", 0, None, (8, 4)),
        Layer(
            name="norm",
            type="BatchNorm1d",
            tensors=(Tensor(name="weight", shape=(8,), dtype="float32"),),
            folds_into="a",
        ),
        linear("b", 1, 0, (6, 8)),
        linear("c", 2, 1, (3, 6)),
    ),
    groups=(
        ChannelGroup(id=0, channels=8),
        ChannelGroup(id=1, channels=6),
        ChannelGroup(id=2, channels=3, protected="feeds the outputs"),
    ),
    blocks=(ResidualBlock(name="b", type="Block"),),
)


def in_two(name, out, into, shape, between=2):
    """A layer in two, with a group of its own between them."""
    rows = (
        linear(f"{name}.one", -1, into, (between, shape[1])),
        linear(f"{name}.two", out, -1, (shape[0], between)),
    )
    return Replacement(rows, f"{name}.two", {f"{name}.one": ChannelGroup(id=-1, channels=between)})


def test_new_groups_are_numbered_where_their_channels_are_first_made():
    table = replaced(TABLE, {"b": in_two("b", 1, 0, (6, 8))})
    assert [row.name for row in table.layers] == ["a", "norm", "b.one", "b.two", "c"]
    assert [(g.id, g.channels) for g in table.groups] == [(0, 8), (1, 2), (2, 6), (3, 3)]
    assert [[s.group for s in made_in(row)] for row in table.layers] == [[0], [], [1], [2], [3]]
    assert row_axes(table.layers[-1].weight, 1) == (ChannelShare(group=2),)
    assert table.resized({1: 1, 2: 4}).layers[3].weight.shape == (4, 1)


def test_a_normalization_folds_into_the_last_of_what_is_new():
    table = replaced(TABLE, {"a": in_two("a", 0, None, (8, 4))})
    assert table.layers[2].folds_into == "a.two"


def test_residual_blocks_stay():
    assert replaced(TABLE, {"b": in_two("b", 1, 0, (6, 8))}).blocks == TABLE.blocks


def test_a_table_without_groups_stays_without():
    bare = LayerTable(layers=(linear("a", None, None, (8, 4)),))
    table = replaced(bare, {"a": in_two("a", None, None, (8, 4))})
    assert table.groups is UNKNOWN
    assert not any(tensor.axes for row in table.layers for tensor in row.tensors)


def test_entries_that_no_layer_makes_leave_the_groups_unknown():
    reason = "1 entries of c.weight come from no layer's output"
    groups = (*TABLE.groups, ChannelGroup(id=3, channels=1, protected=reason))
    shares = (ChannelShare(group=1), ChannelShare(group=3))
    mixed = Tensor(name="weight", shape=(3, 7), dtype="float32", axes=(Axis(dim=1, shares=shares),))
    last = TABLE.layers[-1].model_copy(update={"tensors": (mixed,)})
    table = LayerTable(layers=(*TABLE.layers[:-1], last), groups=groups)
    assert replaced(table, {"c": in_two("c", 2, 1, (3, 7))}).groups is UNKNOWN
    assert replaced(table, {"b": in_two("b", 1, 0, (6, 8))}).groups is not UNKNOWN


def test_a_group_of_a_grouped_convolution_keeps_its_place():
    grouped = linear("grouped", None, None, (6, 3))
    groups = (
        ChannelGroup(id=0, channels=8),
        ChannelGroup(id=1, channels=6, protected="grouped is a convolution in 2 groups"),
        ChannelGroup(id=2, channels=3, protected="feeds the outputs"),
    )
    rows = (TABLE.layers[0], grouped, TABLE.layers[3])
    table = replaced(LayerTable(layers=rows, groups=groups), {"c": in_two("c", 2, 1, (3, 6))})
    assert [group.channels for group in table.groups] == [8, 6, 2, 3]


@pytest.mark.parametrize(
    ("name", "shape", "inputs", "expected"),
    [
        ("b", (6, 8, 3, 3), (), False),  # it follows the channels that it reads
        ("a", (8, 4, 3, 3), (TensorSpec(name="x", shape=("N", 4, 8, 8)),), False),
        ("a", (8, 4, 3, 3), (TensorSpec(name="x", shape=("N", 12, 8, 8)),), True),
        ("a", (8, 4, 3, 3), UNKNOWN, True),
    ],
)
def test_a_convolution_that_follows_no_channels_is_grouped(name, shape, inputs, expected):
    row = next(row for row in TABLE.layers if row.name == name)
    assert in_groups(row, TABLE, inputs) is expected


def test_an_unanalysed_table_cannot_tell():
    bare = LayerTable(layers=(linear("a", None, None, (8, 4)),))
    assert in_groups(bare.layers[0], bare, UNKNOWN) is UNKNOWN
