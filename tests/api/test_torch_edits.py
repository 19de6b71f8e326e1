"""Edits change tensors, and the attributes that repeat their shapes: the layers still run."""

import pytest
import torch
from torch import nn

from recipec.api import KeepEntries, OperatorError, RemoveLayer, ReplaceLayer
from recipec.api.torch import apply_edits

pytestmark = pytest.mark.frameworks


def keep(tensor, dim, *indices):
    return KeepEntries(tensor=tensor, dim=dim, indices=indices)


def attributes(module, *names):
    return tuple(getattr(module, name) for name in names)


def test_output_channels_of_a_convolution():
    whole = nn.Conv2d(3, 5, 3)
    x = torch.randn(1, 3, 6, 6)
    wanted = whole(x)[:, [0, 4]]
    less = apply_edits(whole, [keep("weight", 0, 0, 4), keep("bias", 0, 0, 4)])
    assert attributes(less, "in_channels", "out_channels", "groups") == (3, 2, 1)
    torch.testing.assert_close(less(x), wanted)


def test_channels_of_a_depthwise_convolution():
    whole = nn.Conv2d(6, 6, 3, groups=6, bias=False)
    x = torch.randn(1, 6, 6, 6)
    wanted = whole(x)[:, [1, 2, 5]]
    less = apply_edits(whole, [keep("weight", 0, 1, 2, 5)])
    assert attributes(less, "in_channels", "out_channels", "groups") == (3, 3, 3)
    torch.testing.assert_close(less(x[:, [1, 2, 5]]), wanted)


def test_channels_of_a_transposed_convolution():
    whole = nn.ConvTranspose1d(4, 3, 2, bias=False)
    less = apply_edits(whole, [keep("weight", 0, 0, 1, 2), keep("weight", 1, 2)])
    assert attributes(less, "in_channels", "out_channels") == (3, 1)
    assert less(torch.randn(1, 3, 5)).shape == (1, 1, 6)


@pytest.mark.parametrize(
    ("module", "edits", "example", "changed"),
    [
        (nn.Linear(5, 4, bias=False), [keep("weight", 1, 0, 2)], (1, 2), {"in_features": 2}),
        (
            nn.Embedding(7, 4),
            [keep("weight", 1, 0, 3)],
            None,
            {"num_embeddings": 7, "embedding_dim": 2},
        ),
        (
            nn.BatchNorm2d(4),
            [keep(n, 0, 1, 3) for n in ("weight", "bias", "running_mean", "running_var")],
            (2, 2, 3, 3),
            {"num_features": 2},
        ),
        (
            nn.LayerNorm(4),
            [keep(n, 0, 1, 3) for n in ("weight", "bias")],
            (1, 2),
            {"normalized_shape": (2,)},
        ),
        (nn.RMSNorm(4), [keep("weight", 0, 1, 3)], (1, 2), {"normalized_shape": (2,)}),
        (
            nn.GroupNorm(2, 6),
            [keep(n, 0, 0, 1, 3, 4) for n in ("weight", "bias")],
            (1, 4, 3),
            {"num_channels": 4},
        ),
        (nn.PReLU(4), [keep("weight", 0, 1, 3)], (1, 2), {"num_parameters": 2}),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else "",
)
def test_other_layers(module, edits, example, changed):
    less = apply_edits(module, edits)
    assert {name: getattr(less, name) for name in changed} == changed
    less(torch.tensor([6]) if example is None else torch.randn(example))


def test_training_goes_on_with_what_stays():
    less = apply_edits(nn.Linear(3, 2), [keep("weight", 0, 1), keep("bias", 0, 1)])
    less(torch.randn(4, 3)).sum().backward()
    assert less.weight.grad.shape == (1, 3)


def test_layers_are_replaced_and_removed():
    module = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Sequential(nn.ReLU(), nn.Dropout())).eval()
    module = apply_edits(
        module,
        [
            ReplaceLayer(
                layer="0",
                type="torch.nn:Conv2d",
                arguments={"in_channels": 3, "out_channels": 8, "kernel_size": 1},
            ),
            RemoveLayer(layer="1.1"),
        ],
    )
    assert module(torch.randn(1, 3, 2, 2)).shape == (1, 8, 2, 2)
    assert isinstance(module[1][1], nn.Identity)
    assert not any(child.training for child in module.modules())
    assert isinstance(apply_edits(module, [RemoveLayer(layer="")]), nn.Identity)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (keep("nope.weight", 0, 0), "names the layer 'nope'"),
        (keep("0.scale", 0, 0), r"names the tensor '0\.scale'"),
        (keep("0.weight", 4, 0), "has 4 dimensions, no dimension 4"),
        (keep("0.weight", 0, 9), r"0\.weight has no entry 9 in dimension 0"),
        (keep("0.weight", 0, 0, 1, 2), "3 channels don't divide into 2 groups"),
        (keep("1.weight", 0, 0), "1 channels don't divide into 2 groups"),
        (RemoveLayer(layer="0.bn"), r"names the layer '0\.bn'"),
    ],
)
def test_an_edit_that_does_not_fit_says_why(edit, message):
    module = nn.Sequential(nn.Conv2d(4, 4, 1, groups=2), nn.GroupNorm(2, 4))
    with pytest.raises(OperatorError, match=message):
        apply_edits(module, [edit])
