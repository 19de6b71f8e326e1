"""The zoo's networks take small data, and have the sizes their papers give."""

import pytest
import torch
from torch import nn

from recipec.api import TensorSpec
from recipec.api.torch import layer_table
from recipec_torch.zoo import lstm, mlp, mobilenet, resnet

pytestmark = pytest.mark.frameworks


@pytest.mark.parametrize("size", [8, 28, 32])
@pytest.mark.parametrize("build", [resnet, mobilenet])
def test_images_become_logits(build, size):
    module = build(classes=7, in_channels=3).eval()
    assert module(torch.randn(2, 3, size, size)).shape == (2, 7)


def test_resnet_20_is_that_of_the_paper():
    # He et al. (2016), table 6: 0.27 M parameters for 32×32 images in three colours. Theirs has no
    # convolutions in its shortcuts; these are 16×32 + 32×64 weights and two batch norms of ours.
    x = (TensorSpec(name="x", shape=("N", 3, 32, 32)),)
    table = layer_table(resnet(depth=20, in_channels=3), x)
    assert table.parameters == 269_722 + 2752


@pytest.mark.parametrize("depth", [2, 10, 13])
def test_a_resnet_of_no_such_depth_is_an_error(depth):
    with pytest.raises(ValueError, match=f"depth is {depth}, but"):
        resnet(depth=depth)


def test_mobilenet_scales_in_steps_that_vector_units_like():
    for width in (0.25, 0.7, 1.3):
        table = layer_table(mobilenet(width), (TensorSpec(name="x", shape=("N", 1, 8, 8)),))
        assert [g.channels % 8 for g in table.groups if g.protected is None] == [0] * 8
    with pytest.raises(ValueError, match="above 0"):
        mobilenet(0)


@pytest.mark.parametrize(("shape", "features"), [((1, 8, 8), 8), ((1, 40), 1), ((10, 4), 4)])
def test_an_lstm_reads_any_sample_as_a_sequence(shape, features):
    torch.manual_seed(0)
    module = lstm(features=features, hidden=16, layers=2, bidirectional=True).eval()
    x = torch.randn(3, *shape)
    outputs, _ = module.lstm(x.reshape(3, -1, features))
    torch.testing.assert_close(module(x), module.fc(outputs[:, -1]))
    assert module(x).shape == (3, 10)


def test_a_perceptron_reads_any_sample_as_a_vector():
    module = mlp(features=40, hidden=[16, 8], classes=3)
    assert module(torch.randn(2, 1, 40)).shape == (2, 3)
    names = [name for name, child in module.named_children() if isinstance(child, nn.Linear)]
    assert names == ["fc1", "fc2", "fc"]
    assert mlp(features=40, hidden=[])(torch.randn(2, 40)).shape == (2, 10)


@pytest.mark.parametrize(
    ("build", "arguments"),
    [(lstm, {"features": 0}), (lstm, {"layers": 0}), (mlp, {"hidden": [8, 0]})],
)
def test_a_size_below_one_is_an_error(build, arguments):
    with pytest.raises(ValueError, match="must be at least 1"):
        build(**arguments)


def test_every_layer_but_the_last_can_be_pruned():
    for module in (resnet(), mobilenet(), mlp()):
        table = layer_table(module, (TensorSpec(name="x", shape=("N", 1, 8, 8)),))
        protected = [group.protected for group in table.groups if group.protected]
        assert protected == ["feeds the outputs"]
