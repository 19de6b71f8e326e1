"""Coupled channels: what a table predicts is what a pruned module has, and it computes the same."""

import copy
import random

import pytest
import torch
from torch import nn

from recipec.api import TensorSpec
from recipec.api.torch import (
    apply_edits,
    coupled_channels,
    example_inputs,
    keep_entries,
    layer_table,
)

pytestmark = pytest.mark.frameworks


def spec(*shape):
    return (TensorSpec(name="x", shape=("N", *shape)),)


def prunable(module, inputs):
    """The layers that name prunable groups, with the number of their channels."""
    return {
        group.layer: len(group.channels)
        for group in coupled_channels(module, inputs)
        if group.protected is None
    }


def reasons(module, inputs):
    groups = coupled_channels(module, inputs)
    return {group.layer: group.protected for group in groups if group.protected is not None}


def assert_prunes_as_planned(module, inputs, seed=0):
    """Prune random channels of every group: shapes as predicted, outputs as without them.

    Without a channel means: all that reads it multiplies by zero. (That says nothing where a
    normalization runs over channels.)
    """
    module.eval()
    table = layer_table(module, inputs)
    draw = random.Random(seed)
    leaving, counts = [], {}
    for number, group in enumerate(coupled_channels(module, inputs)):
        if group.protected is None and len(group.channels) > 1:
            gone = draw.sample(range(len(group.channels)), draw.randint(1, len(group.channels) - 2))
            leaving.append((group, gone))
            counts[number] = len(group.channels) - len(gone)
    assert leaving
    masked = copy.deepcopy(module)
    reading = {id(c.weight) for c in masked.modules() if isinstance(c, nn.Conv2d | nn.Linear)}
    with torch.no_grad():
        for group, gone in leaving:
            for (name, dim), entries in group.entries_of(gone).items():
                tensor = dict(masked.named_parameters()).get(name)
                if dim == 1 and id(tensor) in reading:
                    tensor.index_fill_(1, torch.tensor(sorted(entries)), 0.0)
        x = example_inputs(inputs)
        pruned = apply_edits(copy.deepcopy(module), keep_entries(module, leaving))
        torch.testing.assert_close(pruned(*x), masked(*x), rtol=1e-4, atol=1e-5)
    planned = table.resized(counts).without_zeros()
    assert layer_table(pruned, inputs).without_zeros() == planned


class Residual(nn.Module):
    """Additions, a depthwise convolution, and a linear layer after flattening 4×4 maps."""

    def __init__(self):
        super().__init__()
        self.stem, self.stem_bn = nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8)
        self.depthwise = nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.inner, self.outer = nn.Conv2d(8, 12, 1), nn.Conv2d(12, 8, 1)
        self.act = nn.PReLU(8)
        self.hidden, self.fc = nn.Linear(8 * 16, 10), nn.Linear(10, 4)

    def forward(self, x):
        x = self.stem_bn(self.stem(x)).relu()
        x = self.act(x + self.outer(self.inner(self.depthwise(x)).relu()))
        return self.fc(self.hidden(x.flatten(1)).relu())


def test_channels_that_are_added_are_one_group():
    inputs = spec(3, 4, 4)
    assert prunable(Residual(), inputs) == {"stem": 8, "inner": 12, "hidden": 10}
    assert reasons(Residual(), inputs) == {"fc": "feeds the outputs"}
    assert_prunes_as_planned(Residual(), inputs)


def test_flattened_maps_have_an_entry_for_each_position():
    table = layer_table(Residual(), spec(3, 4, 4))
    hidden = next(layer for layer in table.layers if layer.name == "hidden")
    assert [(axis.dim, [s.repeat for s in axis.shares]) for axis in hidden.weight.axes] == [
        (0, [1]),
        (1, [16]),
    ]


class Dense(nn.Module):
    """Concatenations, one of them with the input, and one added to."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 6, 1), nn.Conv2d(9, 4, 3, padding=1)
        self.both = nn.Conv2d(3, 10, 1)
        self.norm, self.c = nn.BatchNorm2d(10), nn.Conv2d(10, 5, 1)

    def forward(self, x):
        a = self.a(x).relu()
        b = self.b(torch.cat([x, a], 1)).relu()
        return self.c(self.norm(torch.cat([a, b], 1) + self.both(x)))


def test_concatenated_channels_stay_apart():
    inputs = spec(3, 4, 4)
    assert prunable(Dense(), inputs) == {"a": 6, "b": 4}
    table = layer_table(Dense(), inputs)
    assert [g.protected for g in table.groups if g.protected] == [
        "feeds the outputs",
        "3 entries of b.weight come from no layer's output",
    ]
    assert_prunes_as_planned(Dense(), inputs)


class Gated(nn.Module):
    """A gated linear unit: halves that are multiplied with each other leave together."""

    def __init__(self):
        super().__init__()
        self.up, self.down = nn.Conv2d(3, 16, 1), nn.Conv2d(8, 4, 1)

    def forward(self, x):
        a, b = self.up(x).chunk(2, dim=1)
        return self.down(a * b.sigmoid())


def test_the_halves_of_a_gate_leave_together():
    inputs = spec(3, 4, 4)
    (group, _) = coupled_channels(Gated(), inputs)
    assert group.channels == tuple((n, n + 8) for n in range(8))
    assert_prunes_as_planned(Gated(), inputs)


class Split(nn.Module):
    """Halves that go separate ways: the split would move if one of them shrank alone."""

    def __init__(self):
        super().__init__()
        self.up, self.left, self.right = (nn.Conv2d(*c, 1) for c in ((3, 16), (8, 4), (8, 4)))

    def forward(self, x):
        a, b = self.up(x).chunk(2, dim=1)
        return self.left(a) + self.right(b)


class Shuffled(nn.Module):
    """ShuffleNet's channel shuffle, after a concatenation."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = (nn.Conv2d(*c, 1) for c in ((3, 8), (3, 8), (16, 4)))

    def forward(self, x):
        x = torch.cat([self.a(x), self.b(x)], 1)
        x = x.view(len(x), 2, x.shape[1] // 2, *x.shape[2:]).transpose(1, 2)
        return self.c(x.reshape(len(x), -1, *x.shape[3:]))


class Functional(nn.Module):
    """Uses a layer's weight without calling the layer."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 8), nn.Linear(8, 2)

    def forward(self, x):
        return nn.functional.linear(self.a(x), self.b.weight)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(3, 8), nn.MultiheadAttention(8, 2), nn.Linear(8, 2)

    def forward(self, x):
        x = self.a(x)
        return self.c(self.b(x, x, x)[0])


class ConstantOutput(nn.Module):
    """Gives classes, not scores: there is nothing to differentiate."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 8), nn.Linear(8, 2)

    def forward(self, x):
        return self.b(self.a(x)).argmax(1)


def chain(*layers):
    return nn.Sequential(nn.Conv2d(3, 8, 1), *layers, nn.Conv2d(8, 4, 1))


@pytest.mark.parametrize(
    ("module", "shape", "layer", "reason"),
    [
        (Split(), (3, 4, 4), "up", "left fails without one of its channels (RuntimeError)"),
        (Shuffled(), (3, 4, 4), "a", "the module fails without one of its channels (RuntimeError)"),
        (chain(nn.Conv2d(8, 8, 1, groups=2)), (3, 4, 4), "0", "1 is a convolution in 2 groups"),
        (chain(nn.GroupNorm(2, 8)), (3, 4, 4), "0", "1 normalizes 2 groups of channels"),
        (chain(nn.LayerNorm([8, 4, 4])), (3, 4, 4), "0", "1 normalizes over several dimensions"),
        (
            chain(nn.PixelShuffle(2), nn.Conv2d(2, 8, 1)),
            (3, 4, 4),
            "0",
            "2.weight has fewer entries than the channels it meets",
        ),
        (
            Attention(),
            (5, 3),
            "a",
            "b is a MultiheadAttention, whose channels recipec can't remove",
        ),
        (Functional(), (4,), "a", "feeds the outputs"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else "",
)
def test_what_cannot_shrink_is_protected_and_says_why(module, shape, layer, reason):
    assert reason in reasons(module, spec(*shape))[layer]
    assert layer not in prunable(module, spec(*shape))


def test_a_module_that_cannot_be_analysed_has_one_protected_group():
    (group,) = coupled_channels(ConstantOutput(), spec(4))
    assert "doesn't depend on the parameters differentiably" in group.protected
    assert len(group.channels) == 8 + 2


def test_tied_weights_stay():
    module = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 2))
    module[1].weight = module[0].weight
    assert prunable(module, spec(4)) == {}


def test_groups_are_carried_where_the_shapes_confirm_them():
    inputs = spec(3, 4, 4)
    before = layer_table(Residual(), inputs)
    assert layer_table(Residual(), inputs, before).groups == before.groups
    # What is carried needn't be found again: the reason is the table's own.
    renamed = (*before.groups[:-1], before.groups[-1].model_copy(update={"protected": "mine"}))
    known = before.model_copy(update={"groups": renamed})
    assert layer_table(Residual(), inputs, known).groups == renamed
    assert layer_table(Residual(), inputs, known.resized({0: 7})).groups == before.groups
