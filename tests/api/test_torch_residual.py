"""Residual blocks are found by following a tensor; a layer table knows what leaves with them."""

import pytest
import torch
from torch import nn

from recipec.api import UNKNOWN, OperatorError, RemoveLayer, ResidualBlock, TensorSpec
from recipec.api.blocks import outermost, without_blocks
from recipec.api.torch import apply_edits, module_facts, residual_blocks

pytestmark = pytest.mark.frameworks

IMAGE = (TensorSpec(name="x", shape=("N", 3, 64, 64)),)
VECTORS = (TensorSpec(name="x", shape=("N", 5, 8)),)


class Function(nn.Module):
    """A module of one linear layer that computes what it is told."""

    def __init__(self, function):
        super().__init__()
        self.linear = nn.Linear(8, 8)
        self.scale = nn.Parameter(torch.ones(8))
        self.function = function

    def forward(self, x):
        return self.function(self, x)


class Twice(nn.Module):
    def __init__(self, block):
        super().__init__()
        self.block = block

    def forward(self, x):
        return self.block(self.block(x))


class Attended(nn.Module):
    """Gives its blocks a mask too."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(8, 2, 16, batch_first=True) for _ in range(2)
        )
        self.head = nn.Linear(8, 2)

    def forward(self, x):
        mask = torch.zeros(5, 5)
        for layer in self.layers:
            x = layer(x, src_mask=mask)
        return self.head(x)


def blocks(module, inputs=VECTORS):
    return [block.name for block in module_facts(module.eval(), inputs).layers.blocks]


def within(function):
    return nn.Sequential(nn.Linear(8, 8), Function(function), nn.Linear(8, 3))


@pytest.mark.parametrize(
    "function",
    [
        lambda m, x: x + m.linear(x),
        lambda m, x: m.linear(x) + x,
        lambda m, x: m.linear(x).add_(x).relu_(),
        lambda m, x: nn.functional.layer_norm(x + m.linear(x), (8,)),
        lambda m, x: nn.functional.dropout(x, training=m.training) + m.linear(x).tanh(),
        lambda m, x: x + m.linear(x) * torch.sigmoid(x),
        lambda m, x: (x + m.scale) + m.linear(x),
    ],
)
def test_what_adds_something_of_its_input_to_it_is_a_block(function):
    assert blocks(within(function)) == ["1"]


@pytest.mark.parametrize(
    "function",
    [
        lambda m, x: m.linear(x),
        lambda m, x: x * m.linear(x),
        lambda m, x: x + m.scale,  # a position's embedding
        lambda m, x: m.linear(x) + m.linear(x),
        lambda m, x: x.transpose(0, 1).contiguous().transpose(0, 1) * 2 + m.linear(x),
        lambda m, x: torch.cat([x, m.linear(x)], -1)[..., :8],
        lambda m, x: (x + m.linear(x), x),
        lambda m, x: x,
    ],
)
def test_anything_else_is_none(function):
    module = nn.Sequential(Function(lambda m, x: x + m.linear(x)), nn.Linear(8, 3))
    assert blocks(module) == ["0"]
    module[0].function = function
    if isinstance(function(module[0], torch.ones(1, 8)), tuple):
        module = nn.Sequential(Function(function), Function(lambda m, x: m.linear(x[0])))
    assert blocks(module) == []


def test_a_sequence_of_blocks_is_none_and_a_block_around_blocks_is_one():
    def residual(m, x):
        return x + m.linear(x)

    inner = nn.Sequential(Function(residual), Function(residual))
    assert blocks(nn.Sequential(inner, nn.Linear(8, 3))) == ["0.0", "0.1"]
    around = Function(lambda m, x: x + m.inner(x))
    around.inner = inner
    module = nn.Sequential(around, nn.Linear(8, 3))
    table = module_facts(module, VECTORS).layers
    assert [block.name for block in table.blocks] == ["0", "0.inner.0", "0.inner.1"]
    assert outermost(table.blocks) == (ResidualBlock(name="0", type="Function"),)


def test_a_block_that_is_called_twice_cannot_leave_alone():
    twice = Twice(Function(lambda m, x: x + m.linear(x)))
    assert blocks(nn.Sequential(twice, nn.Linear(8, 3))) == ["0"]  # and not "0.block"


def test_a_block_that_shares_weights_with_another_layer_cannot_leave():
    first, second = (Function(lambda m, x: x + m.linear(x)) for _ in range(2))
    second.linear.weight = first.linear.weight
    third = Function(lambda m, x: x + m.linear(x))
    assert blocks(nn.Sequential(first, second, third, nn.Linear(8, 3))) == ["2"]


def test_a_transformer_layer_that_torch_fuses_is_a_block_and_leaves_with_its_mask():
    module = Attended().eval()
    assert blocks(module) == ["layers.0", "layers.1"]
    assert torch.backends.mha.get_fastpath_enabled()
    apply_edits(module, [RemoveLayer(layer="layers.0"), RemoveLayer(layer="layers.1")])
    x = torch.randn(2, 5, 8)
    assert torch.equal(module(x), module.head(x))


def fused_only(m, x):
    """Code that looks at what torch is set to; following it sets something else."""
    if not torch.backends.mha.get_fastpath_enabled():
        raise NotImplementedError("only with the fast path")
    return x + m.linear(x)


def test_where_a_tensor_cannot_be_followed_the_reason_is_kept():
    for device in ("cpu", "meta"):
        module = within(fused_only).to(device)
        assert module_facts(module, VECTORS).layers.blocks is UNKNOWN
        with pytest.raises(OperatorError) as raised:
            residual_blocks(module, VECTORS)
        assert raised.value.message.endswith(
            "that fails in 1: NotImplementedError: only with the fast path"
        )


@pytest.mark.parametrize(
    ("name", "count", "one"),
    [
        ("resnet18", 5, "layer1.0"),
        ("mobilenet_v2", 10, "features.3"),
        ("convnext_tiny", 18, "features.1.0"),
        ("squeezenet1_1", 0, None),
    ],
)
def test_those_of_torchvision(name, count, one):
    torchvision = pytest.importorskip("torchvision")
    with torch.device("meta"):
        module = getattr(torchvision.models, name)()
    table = module_facts(module, IMAGE).layers
    names = [block.name for block in table.blocks]
    assert len(names) == count
    assert one in names or one is None
    # What a table says of a model without them is what is then read of the model, to the groups.
    if names:
        apply_edits(module, [RemoveLayer(layer=name) for name in names])
        assert module_facts(module, IMAGE).layers == without_blocks(table, names)
