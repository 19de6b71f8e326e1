"""What `recipec init` writes can be planned, with the model looked at."""

import pytest

from recipec import compile_recipe, load_recipe
from recipec.cli.main import cli

pytestmark = pytest.mark.frameworks

ZOO = ["--model", "resnet", "--data", "data.digits"]
TORCHVISION = ["--model", "resnet18", "--data", "data.random", "--shape", "3,64,64"]
NET = """
from torch import nn

def net():
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(1568, 2))
"""
CODE = ["--model", "model.py:net", "--data", "data.random", "--shape", "3,16,16"]


@pytest.mark.parametrize(
    "options",
    [
        [*ZOO, "--target", "onnxruntime"],
        [*ZOO, "--target", "tensorrt"],
        [*ZOO, "--target", "torch"],
        [*TORCHVISION, "--target", "onnxruntime"],
        [*CODE, "--target", "onnxruntime"],
    ],
    ids=lambda options: "-".join(options[1::2]),
)
def test_a_new_recipe_can_be_run(options, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.py").write_text(NET)
    cli.main(["init", "new.yaml", "--yes", *options], standalone_mode=False)
    compilation = compile_recipe(load_recipe("new.yaml"), store=tmp_path / "store")
    assert compilation.runnable
    assert all(d.severity.value != "error" for d in compilation.plan.diagnostics)
