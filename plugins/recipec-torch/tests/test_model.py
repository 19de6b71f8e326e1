"""`torch.model`: any builder, with weights from files that are read strictly."""

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from recipec.api import UNKNOWN, DataSamples, OperatorError, TensorSpec
from recipec.api.torch import load_module
from recipec.testing import AlonePlanContext, BarePlanContext, RunContract, run_alone
from recipec_torch.model import TorchModel

pytestmark = pytest.mark.frameworks

X = {"x": {"shape": ["N", 1, 8, 8]}}
NET = """
from torch import nn
from parts import block


class Net(nn.Module):
    def __init__(self, width, classes=10):
        super().__init__()
        if width < 1:
            raise ValueError(f"no network is {width} wide")
        self.block = block(width)
        self.fc = nn.Linear(width * 64, classes)

    def forward(self, x):
        return self.fc(self.block(x).flatten(1))
"""
PARTS = """
from torch import nn


def block(width):
    return nn.Sequential(nn.Conv2d(1, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU())
"""


@pytest.fixture
def beside(tmp_path):
    (tmp_path / "net.py").write_text(NET)
    (tmp_path / "parts.py").write_text(PARTS)
    return tmp_path


def model(**params):
    return TorchModel(TorchModel.params.model_validate({"input": X, **params}))


def plan(operator, folder, **inputs):
    return operator.plan(inputs, AlonePlanContext(folder)).outputs["model"]


class TestZooModel(RunContract):
    operator = TorchModel

    def good_params(self):
        return {"builder": "recipec_torch.zoo:resnet", "args": {"depth": 8}, "input": X}

    def example_facts(self):
        return {}

    def example_artifacts(self, folder):
        return {}


class TestLocalModelWithWeights(RunContract):
    operator = TorchModel

    def good_params(self):
        return {
            "builder": "net.py:Net",
            "args": {"width": 4},
            "weights": "weights/net.pt",
        }

    def prepare(self, folder):
        (folder / "net.py").write_text(NET)
        (folder / "parts.py").write_text(PARTS)
        (folder / "weights").mkdir(exist_ok=True)
        torch.manual_seed(0)
        made, _ = run_alone(
            model(builder="net.py:Net", args={"width": 4}), {}, folder / "w", files=folder
        )
        state = load_module(made["model"].path).state_dict()
        state["fc.bias"] = torch.tensor([0.0, 0.0, *range(8)])
        torch.save({"state_dict": state, "epoch": 3}, folder / "weights" / "net.pt")

    def example_facts(self):
        spec = TensorSpec(name="image", shape=("N", 1, 8, 8))
        return {"example": DataSamples(count=3, inputs=(spec,), classes=10)}

    def example_artifacts(self, folder):
        from recipec.testing import artifact

        (folder / "data.json").write_text("{}")
        return {"example": artifact(self.example_facts()["example"], folder / "data.json")}


def test_weights_are_checked_and_their_zeros_counted_when_planned(beside):
    operator = model(builder="net.py:Net", args={"width": 4})
    assert plan(operator, beside).layers.zeros is UNKNOWN
    made, _ = run_alone(operator, {}, beside / "a", files=beside)
    state = load_module(made["model"].path).state_dict()
    state["fc.weight"][:, ::2] = 0
    save_file(state, beside / "half.safetensors")
    planned = plan(
        model(builder="net.py:Net", args={"width": 4}, weights="half.safetensors"), beside
    )
    fc = next(layer for layer in planned.layers.layers if layer.name == "fc")
    assert fc.weight.zeros == 10 * 4 * 64 // 2


def test_the_seed_decides_the_weights(tmp_path):
    operator = model(builder="recipec_torch.zoo:mobilenet")
    digests = [
        run_alone(operator, {}, tmp_path / name, seed=seed)[0]["model"].digest
        for name, seed in [("a", 0), ("b", 0), ("c", 1)]
    ]
    assert digests[0] == digests[1] != digests[2]


def test_inputs_come_in_their_order_and_from_data_where_none_are_written(tmp_path):
    two = {"b": {"shape": ["N", 3]}, "a": {"shape": ["N", 5], "dtype": "float32"}}
    planned = plan(model(builder="torch.nn:Bilinear", args=BILINEAR, input=two), tmp_path)
    assert [spec.name for spec in planned.inputs] == ["b", "a"]

    spec = TensorSpec(name="image", shape=("N", 1, 8, 8))
    data = DataSamples(count=3, inputs=(spec,))
    bare = model(builder="recipec_torch.zoo:resnet", input=None)
    assert plan(bare, tmp_path, example=data).inputs == (spec,)
    with pytest.raises(OperatorError, match="input isn't known"):
        plan(bare, tmp_path)
    with pytest.raises(OperatorError, match="nor are the shapes of the data"):
        plan(bare, tmp_path, example=DataSamples())


BILINEAR = {"in1_features": 3, "in2_features": 5, "out_features": 2}


def test_without_torch_nothing_is_known_but_the_input(tmp_path):
    operator = model(builder="recipec_torch.zoo:resnet")
    planned = operator.plan({}, BarePlanContext(tmp_path)).outputs["model"]
    assert planned.layers is UNKNOWN
    assert [str(spec) for spec in planned.inputs] == ["x: [N, 1, 8, 8] float32"]


@pytest.mark.parametrize(
    ("params", "message", "at"),
    [
        ({"args": {"width": 0}}, "raised ValueError: no network is 0 wide", ("args",)),
        ({"args": {"wide": 4}}, "can't take these arguments", ("args", "wide")),
        ({"builder": "net.py:Nut"}, "has no 'Nut'", ("builder",)),
        ({"builder": "torch.nope:Net"}, "can't be imported", ("builder",)),
        ({"builder": "builtins:dict"}, "returned dict, not an nn.Module", ("builder",)),
        (
            {"args": {"width": 4}, "input": {"x": {"shape": ["N", 1, 9, 9]}}},
            "doesn't run on its inputs: RuntimeError: mat1 and mat2",
            ("input",),
        ),
        (
            {"args": {"width": 4}, "input": {"x": {"shape": ["N", 1, 8, 8], "dtype": "real"}}},
            "no dtype 'real'",
            ("input",),
        ),
    ],
)
def test_what_is_wrong_has_its_place(params, message, at, beside):
    operator = model(**{"builder": "net.py:Net", "args": {}, **params})
    with pytest.raises(OperatorError, match=message) as caught:
        plan(operator, beside)
    assert caught.value.at == at


def test_arguments_that_do_not_fit_the_data_are_the_place_of_the_error(beside):
    data = DataSamples(count=9, inputs=(TensorSpec(name="x", shape=("N", 1, 9, 9)),))
    for args, at in (({"width": 4}, ("args",)), ({}, ("builder",))):
        (beside / "net.py").write_text(NET.replace("self, width,", "self, width=4,"))
        with pytest.raises(OperatorError, match="doesn't run on its inputs") as caught:
            plan(model(builder="net.py:Net", args=args, input=None), beside, example=data)
        assert caught.value.at == at
        assert "x: [N, 1, 9, 9]" in caught.value.hint


def test_where_arguments_are_missing_the_hint_writes_them(beside):
    with pytest.raises(OperatorError, match="missing a required argument: 'width'") as caught:
        plan(model(builder="net.py:Net"), beside)
    assert caught.value.hint == "write `args: {width: …}`; its signature is (width, classes=10)"


class Payload:
    """What a pickle could do: reading it would write a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_weights_that_cannot_be_used_are_refused(beside):
    operator = model(builder="net.py:Net", args={"width": 4})
    made, _ = run_alone(operator, {}, beside / "a", files=beside)
    state = load_module(made["model"].path).state_dict()
    files = {
        "broken.safetensors": b"\x10\x00\x00\x00\x00\x00\x00\x00{}",
        "broken.pt": b"PK\x03\x04 not a zip file",
    }
    for name, content in files.items():
        (beside / name).write_bytes(content)
    torch.save(nn.Linear(2, 2), beside / "module.pt")
    torch.save([1, 2], beside / "list.pt")
    torch.save({"epoch": 3}, beside / "epoch.pt")
    torch.save({"x": Payload(beside / "owned")}, beside / "payload.pt")
    save_file({k: v for k, v in state.items() if k != "fc.bias"}, beside / "lacks.safetensors")
    save_file({**state, "fc.scale": torch.ones(1)}, beside / "more.safetensors")
    save_file({**state, "fc.bias": torch.ones(3)}, beside / "shape.safetensors")
    expected = {
        "broken.safetensors": "can't be read as safetensors",
        "broken.pt": "can't be read as weights",
        "module.pt": "holds Python objects, which would run code",
        "list.pt": "holds no state dict",
        "epoch.pt": "holds 'epoch', which is not a tensor",
        "payload.pt": "holds Python objects, which would run code",
        "lacks.safetensors": "lack 'fc.bias'",
        "more.safetensors": "'fc.scale', which the module doesn't",
        "shape.safetensors": r"fc.bias is \[3\] in the weights, \[10\] in the module",
    }
    for name, message in expected.items():
        operator = model(builder="net.py:Net", args={"width": 4}, weights=name)
        with pytest.raises(OperatorError, match=message) as planned:
            plan(operator, beside)
        with pytest.raises(OperatorError, match=message) as ran:
            run_alone(operator, {}, beside / "never", files=beside)
        assert planned.value.at == ran.value.at == ("weights",)
    assert not (beside / "owned").exists()
