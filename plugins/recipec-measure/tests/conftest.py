"""Small real classifiers of noisy prototypes, in every form that runs without a GPU.

Frameworks are imported inside the fixtures, so that the tests of the light half need none.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from recipec.api import (
    Artifact,
    DataSamples,
    OnnxModel,
    TensorSpec,
    TorchExported,
    TorchModule,
)
from recipec.testing import artifact

CLASSES, FEATURES, COUNT = 10, 64, 503  # no multiple of any batch size used here

LOADER = """
import numpy as np
from recipec.api.data import ArraySamples

def load(path, labelled):
    arrays = np.load(path)
    return ArraySamples({"x": arrays["x"]}, arrays["y"] if labelled else None)
"""

SLOW = """
import time
from torch import nn

class Slow(nn.Linear):
    def forward(self, x):
        time.sleep(0.002)
        return super().forward(x)
"""


def specs(batch: int | str = "N") -> dict[str, Any]:
    return {
        "inputs": (TensorSpec(name="x", shape=(batch, FEATURES)),),
        "outputs": (TensorSpec(name="logits", shape=(batch, CLASSES)),),
    }


@pytest.fixture(scope="session")
def prototypes() -> SimpleNamespace:
    """Weights of a nearest-prototype classifier, and samples that it gets right often."""
    import numpy as np

    random = np.random.default_rng(0)
    weight = random.standard_normal((CLASSES, FEATURES)).astype(np.float32)
    labels = random.integers(0, CLASSES, COUNT)
    noise = random.standard_normal((COUNT, FEATURES))
    return SimpleNamespace(
        weight=weight,
        bias=(-0.5 * (weight**2).sum(axis=1)).astype(np.float32),
        x=(weight[labels] + 2.5 * noise).astype(np.float32),
        y=labels.astype(np.int64),
    )


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("classifiers")


@pytest.fixture(scope="session")
def data(
    folder: Path, prototypes: SimpleNamespace
) -> Iterator[Callable[..., Artifact[DataSamples]]]:
    """Make the data artifact, labelled or not."""
    import numpy as np

    from recipec.api.data.reference import write_reference

    (folder / "prototype_samples.py").write_text(LOADER)
    np.savez(folder / "arrays.npz", x=prototypes.x, y=prototypes.y)

    def make(labelled: bool = True) -> Artifact[DataSamples]:
        path = folder / f"samples-{labelled}.json"
        arguments = {"path": str(folder / "arrays.npz"), "labelled": labelled}
        write_reference(path, "prototype_samples:load", arguments)
        facts = DataSamples(
            count=COUNT, inputs=specs()["inputs"], classes=CLASSES if labelled else None
        )
        return artifact(facts, path)

    sys.path.insert(0, str(folder))
    yield make
    sys.path.remove(str(folder))


@pytest.fixture(scope="session")
def torch_module(folder: Path, prototypes: SimpleNamespace) -> Callable[..., Artifact[Any]]:
    """Save the classifier as a torch module; a slow one sleeps in every call."""
    import torch

    from recipec.api.torch import SavedModule, save_module

    def make(name: str = "module", slow: bool = False) -> Artifact[Any]:
        module = torch.nn.Linear(FEATURES, CLASSES)
        with torch.no_grad():
            module.weight.copy_(torch.from_numpy(prototypes.weight))
            module.bias.copy_(torch.from_numpy(prototypes.bias))
        structure = SavedModule(
            builder="slow.py:Slow" if slow else "torch.nn:Linear",
            arguments={"in_features": FEATURES, "out_features": CLASSES},
            inputs=specs()["inputs"],
        )
        save_module(folder / name, module, structure)
        if slow:
            (folder / name / "code").mkdir()
            (folder / name / "code" / "slow.py").write_text(SLOW)
        return artifact(TorchModule(**specs()), folder / name)

    return make


@pytest.fixture(scope="session")
def onnx_model(folder: Path, prototypes: SimpleNamespace) -> Callable[..., Artifact[Any]]:
    """Save the classifier as an ONNX model, with a free or a fixed batch."""
    from onnx import TensorProto, helper, numpy_helper, save_model

    def make(name: str = "model", batch: int | str = "N", scale: float = 1.0) -> Artifact[Any]:
        graph = helper.make_graph(
            [helper.make_node("Gemm", ["x", "weight", "bias"], ["logits"], transB=1)],
            "classifier",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, FEATURES])],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [batch, CLASSES])],
            [
                numpy_helper.from_array(prototypes.weight * scale, "weight"),
                numpy_helper.from_array(prototypes.bias * scale, "bias"),
            ],
        )
        path = folder / f"{name}.onnx"
        opset = [helper.make_opsetid("", 18)]
        save_model(helper.make_model(graph, opset_imports=opset, ir_version=10), path)
        return artifact(OnnxModel(opset=18, **specs(batch)), path)

    return make


@pytest.fixture(scope="session")
def exported(folder: Path, torch_module: Callable[..., Artifact[Any]]) -> Artifact[Any]:
    """Save the classifier as an exported program."""
    from recipec.api.torch import export_program, load_module, save_exported

    module = load_module(torch_module("before-export").path)
    program = export_program(module, **specs(), layers=[("", "Linear")])
    save_exported(folder / "program.pt2", program)
    return artifact(TorchExported(**specs()), folder / "program.pt2")
