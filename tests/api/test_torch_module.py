"""A module on disk is builder + edits + weights, and comes back with the same outputs."""

import inspect
import subprocess
import sys

import pytest
import torch
from torch import nn

from recipec.api import ImportString, KeepEntries, OperatorError, TensorSpec
from recipec.api.digests import digest_path
from recipec.api.torch import (
    SavedModule,
    apply_edits,
    build_module,
    example_inputs,
    load_module,
    load_weights,
    read_safetensors,
    read_structure,
    save_code,
    save_like,
    save_module,
)

pytestmark = pytest.mark.frameworks

X = (TensorSpec(name="x", shape=("N", 4)),)
LINEAR = SavedModule(
    builder="torch.nn:Linear", arguments={"in_features": 4, "out_features": 3}, inputs=X
)


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4)
        self.second.weight = self.first.weight
        self.register_buffer("part", torch.arange(6.0)[2:4])  # a view of a larger tensor

    def forward(self, x):
        return self.second(self.first(x))


def test_what_is_saved_comes_back(tmp_path):
    module = nn.Linear(4, 3).eval()
    save_module(tmp_path / "a", module, LINEAR)
    loaded = load_module(tmp_path / "a")
    assert not loaded.training
    x = example_inputs(X)
    assert torch.equal(loaded(*x), module(*x))
    assert read_structure(tmp_path / "a") == LINEAR


def test_equal_modules_are_equal_bytes(tmp_path):
    module = nn.Linear(4, 3)
    module.weight.data = module.weight.data.t().contiguous().t()  # stored column by column
    save_module(tmp_path / "a", module, LINEAR)
    save_module(tmp_path / "other", load_module(tmp_path / "a"), LINEAR)
    assert digest_path(tmp_path / "a") == digest_path(tmp_path / "other")


def test_a_shared_tensor_is_stored_once_and_shared_again(tmp_path):
    (tmp_path / "tied.py").write_text(
        "import torch\nfrom torch import nn\n\n\n" + inspect.getsource(Tied)
    )
    module = Tied()
    save_module(tmp_path / "a", module, SavedModule(builder="tied.py:Tied", inputs=X))
    save_code(tmp_path / "a", tmp_path / "tied.py")
    loaded = load_module(tmp_path / "a")
    assert loaded.second.weight is loaded.first.weight
    x = example_inputs(X)
    assert torch.equal(loaded(*x), module(*x))
    stored = read_safetensors(tmp_path / "a" / "weights.safetensors")
    assert sorted(stored) == ["first.bias", "first.weight", "part", "second.bias"]


def test_building_does_not_touch_the_random_state():
    torch.manual_seed(3)
    wanted = torch.rand(1)
    torch.manual_seed(3)
    build_module(ImportString("torch.nn:Linear"), {"in_features": 4, "out_features": 3})
    assert torch.equal(torch.rand(1), wanted)


def test_saved_like_another_keeps_its_code_and_adds_edits(tmp_path):
    (tmp_path / "widths.py").write_text("WIDTH = 6\n")
    (tmp_path / "net.py").write_text(
        "from torch import nn\nfrom widths import WIDTH\n\n\n"
        "def net():\n    return nn.Linear(4, WIDTH)\n"
    )
    module = build_module(ImportString("net.py:net"), {}, tmp_path)
    save_module(tmp_path / "a", module, SavedModule(builder="net.py:net", inputs=X))
    save_code(tmp_path / "a", tmp_path / "net.py")

    edits = [KeepEntries(tensor=name, dim=0, indices=(0, 5)) for name in ("weight", "bias")]
    smaller = apply_edits(load_module(tmp_path / "a"), edits)
    save_like(tmp_path / "b", tmp_path / "a", smaller, edits)

    assert read_structure(tmp_path / "b").edits == tuple(edits)
    assert {p.name for p in (tmp_path / "b" / "code").iterdir()} == {"net.py", "widths.py"}
    x = example_inputs(X)
    assert torch.equal(load_module(tmp_path / "b")(*x), smaller(*x))


def test_a_local_builder_loads_in_a_new_process_from_the_artifact_alone(tmp_path):
    beside = tmp_path / "recipe"
    (beside / "blocks").mkdir(parents=True)
    (beside / "blocks" / "__init__.py").write_text(
        "from torch import nn\n\n\ndef block():\n    return nn.Linear(4, 4)\n"
    )
    (beside / "net.py").write_text(
        "from torch import nn\nfrom blocks import block\n\n\n"
        "def net(depth):\n    return nn.Sequential(*[block() for _ in range(depth)])\n"
    )
    module = build_module(ImportString("net.py:net"), {"depth": 2}, beside)
    structure = SavedModule(builder="net.py:net", arguments={"depth": 2}, inputs=X)
    save_module(tmp_path / "a", module, structure)
    save_code(tmp_path / "a", beside / "net.py")
    (beside / "net.py").unlink()

    script = (
        "import sys, pathlib\n"
        "from recipec.api.torch import example_inputs, load_module, read_structure\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "print(load_module(path)(*example_inputs(read_structure(path).inputs)).tolist())\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "a")],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert ran.stdout.strip() == str(module.eval()(*example_inputs(X)).tolist())
    assert not list((tmp_path / "a").rglob("__pycache__"))


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"weight": torch.zeros(3, 4)}, "lack 'bias'"),
        (
            {"weight": torch.zeros(3, 4), "bias": torch.zeros(3), "scale": torch.zeros(1)},
            "have 'scale', which the module doesn't",
        ),
        ({"weight": torch.zeros(3, 5), "bias": torch.zeros(3)}, r"weight is \[3, 5\]"),
        ({"weight": torch.zeros(3, 4).half(), "bias": torch.zeros(3)}, "weight is torch.float16"),
    ],
)
def test_weights_that_do_not_fit_are_named(weights, message):
    with pytest.raises(OperatorError, match=message):
        load_weights(nn.Linear(4, 3), weights)


@pytest.mark.parametrize(
    ("builder", "arguments", "message", "at"),
    [
        ("torch.nn:Linear", {"in_features": 4}, "can't take these arguments", ("args",)),
        ("torch.nn:Liner", {}, "has no 'Liner'", ("builder",)),
        ("torch.nope:Linear", {}, "can't be imported", ("builder",)),
        ("torch:tensor", {"data": [1.0]}, "returned Tensor, not an nn.Module", ("builder",)),
        (
            "torch.nn:Conv2d",
            {"in_channels": 3, "out_channels": 4, "kernel_size": 1, "groups": 2},
            "raised ValueError: in_channels must be divisible",
            ("args",),
        ),
    ],
)
def test_a_builder_that_fails_says_why(builder, arguments, message, at):
    with pytest.raises(OperatorError, match=message) as caught:
        build_module(ImportString(builder), arguments)
    assert caught.value.at == at


def test_a_folder_that_is_no_module_is_refused(tmp_path):
    with pytest.raises(OperatorError, match="not a saved torch module"):
        load_module(tmp_path)
    save_module(tmp_path / "a", nn.Linear(4, 3), LINEAR)
    (tmp_path / "a" / "weights.safetensors").write_bytes(b"\x80\x04nothing")
    with pytest.raises(OperatorError, match=r"weights\.safetensors can't be read"):
        load_module(tmp_path / "a")
