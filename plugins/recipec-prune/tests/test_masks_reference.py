"""The masks are those of torch's own pruning, bit for bit, on every sort of network."""

import pytest
import torch
from torch.ao.pruning import WeightNormSparsifier
from torch.nn.utils import prune as torch_prune

from prune_examples.making import prune, save_net
from recipec.api.torch import load_module
from recipec_prune.semi_structured import SemiStructured
from recipec_prune.structured import Structured
from recipec_prune.unstructured import Unstructured
from recipec_prune.whole import Global

pytestmark = pytest.mark.frameworks

WEIGHTS = {
    "Convolutional": ["stem.weight", "conv.weight", "depthwise.weight", "fc.weight"],
    "Perceptron": ["layers.1.weight", "layers.3.weight", "fc.weight"],
    "Recurrent": [
        *(
            f"lstm.weight_{kind}_l{layer}{way}"
            for layer in (0, 1)
            for way in ("", "_reverse")
            for kind in ("ih", "hh")
        ),
        "fc.weight",
    ],
    "Encoder": [
        *(
            f"layers.{n}.{name}"
            for n in range(3)
            for name in ("attention.in_proj_weight", "up.weight", "down.weight")
        ),
        "fc.weight",
        *(f"layers.{n}.attention.out_proj.weight" for n in range(3)),
    ],
}
"""All that inputs are multiplied by, in the order in which layers are called; last come those that
aren't called, whose weights the attention reads."""


def places(module, names):
    """Give the modules and tensor names that torch.nn.utils.prune wants."""
    parted = [name.rpartition(".") for name in names]
    return [(module.get_submodule(owner), name) for owner, _, name in parted]


def made_permanent(module, names):
    for owner, name in places(module, names):
        torch_prune.remove(owner, name)
    return module


def assert_equal(made, reference, pruned):
    """The same weights to the bit, and of the pruned ones the same are zero."""
    ours, theirs = made.state_dict(), reference.state_dict()
    assert ours.keys() == theirs.keys()
    for name, value in theirs.items():
        assert torch.equal(ours[name], value), name
    assert any((ours[name] == 0).any() for name in pruned)


@pytest.mark.parametrize("name", WEIGHTS)
@pytest.mark.parametrize("asked", [{"amount": 0.3}, {"count": 7}])
def test_unstructured_l1(name, asked, tmp_path):
    net = save_net(tmp_path / "net", name)
    made = prune(Unstructured, tmp_path, net, **asked)
    reference = load_module(net.path)
    for owner, tensor in places(reference, WEIGHTS[name]):
        torch_prune.l1_unstructured(owner, tensor, next(iter(asked.values())))
    assert_equal(made.module, made_permanent(reference, WEIGHTS[name]), WEIGHTS[name])


@pytest.mark.parametrize("name", WEIGHTS)
def test_unstructured_random_with_the_same_seed(name, tmp_path):
    net = save_net(tmp_path / "net", name)
    made = prune(Unstructured, tmp_path, net, amount="45%", method="random", seed=7)
    reference = load_module(net.path)
    torch.manual_seed(7)
    for owner, tensor in places(reference, WEIGHTS[name]):
        torch_prune.random_unstructured(owner, tensor, 0.45)
    assert_equal(made.module, made_permanent(reference, WEIGHTS[name]), WEIGHTS[name])


@pytest.mark.parametrize("name", WEIGHTS)
@pytest.mark.parametrize(
    ("method", "torchs"),
    [("l1", torch_prune.L1Unstructured), ("random", torch_prune.RandomUnstructured)],
)
def test_global(name, method, torchs, tmp_path):
    net = save_net(tmp_path / "net", name)
    made = prune(Global, tmp_path, net, amount=0.6, method=method, seed=3)
    reference = load_module(net.path)
    torch.manual_seed(3)
    torch_prune.global_unstructured(places(reference, WEIGHTS[name]), torchs, amount=0.6)
    assert_equal(made.module, made_permanent(reference, WEIGHTS[name]), WEIGHTS[name])


@pytest.mark.parametrize("n", [1, 2, "inf"])
@pytest.mark.parametrize("dim", [0, 1])
@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("Convolutional", ["stem", "conv"]),
        ("Perceptron", ["layers.1", "layers.3"]),
        ("Encoder", [f"layers.{n}.{layer}" for n in range(3) for layer in ("up", "down")]),
    ],
)
def test_structured(name, layers, n, dim, tmp_path):
    if name == "Convolutional" and dim == 1:
        layers = ["conv"]  # the stem has one input channel
    net = save_net(tmp_path / "net", name)
    made = prune(Structured, tmp_path, net, amount=0.5, n=n, dim=dim, include=layers)
    reference = load_module(net.path)
    names = [f"{layer}.weight" for layer in layers]
    for owner, tensor in places(reference, names):
        torch_prune.ln_structured(owner, tensor, 0.5, n=float(n), dim=dim)
    assert_equal(made.module, made_permanent(reference, names), names)


@pytest.mark.parametrize(("pattern", "zeros"), [("2:4", 2), ("1:4", 3), ("4:8", 4)])
@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("Perceptron", ["layers.1", "layers.3"]),
        ("Encoder", [f"layers.{n}.{layer}" for n in range(3) for layer in ("up", "down")]),
    ],
)
def test_semi_structured_on_linear_layers(name, layers, pattern, zeros, tmp_path):
    net = save_net(tmp_path / "net", name)
    made = prune(SemiStructured, tmp_path, net, pattern=pattern, include=layers)
    reference = load_module(net.path)
    sparsifier = WeightNormSparsifier(
        sparsity_level=1.0,
        sparse_block_shape=(1, int(pattern[-1])),
        zeros_per_block=zeros,
    )
    sparsifier.prepare(reference, [{"tensor_fqn": f"{layer}.weight"} for layer in layers])
    sparsifier.step()
    sparsifier.squash_mask()
    assert_equal(made.module, reference, [f"{layer}.weight" for layer in layers])


def test_semi_structured_on_a_convolution(tmp_path):
    # Groups of four input channels at each place of the kernel, as TensorRT and cuSPARSELt count.
    net = save_net(tmp_path / "net", "Convolutional")
    made = prune(SemiStructured, tmp_path, net, include=["conv"]).module.conv.weight
    before = load_module(net.path).conv.weight
    for out in range(16):
        for y in range(3):
            for x in range(3):
                for first in (0, 4):
                    group = before[out, first : first + 4, y, x]
                    expected = group.clone()
                    expected[group.abs().argsort()[:2]] = 0
                    assert torch.equal(made[out, first : first + 4, y, x], expected)
