"""Tiny models and data to try operators on: made in milliseconds, the same at every call.

`tiny_cnn`, `tiny_mlp`, `tiny_onnx` and `tiny_samples` make artifacts with files (that needs the
frameworks); `tiny_facts` gives the facts of the same things where there is no framework.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, Literal

from recipec.api import (
    Artifact,
    DataSamples,
    Facts,
    OnnxModel,
    Preprocessing,
    TensorSpec,
    TorchModule,
)
from recipec.testing.damage import artifact

Tiny = Literal["cnn", "mlp", "onnx", "samples"]
FACTS: Final = Path(__file__).with_name("tiny_facts.json")
_KINDS: Final[dict[str, type[Facts]]] = {
    "cnn": TorchModule,
    "mlp": TorchModule,
    "onnx": OnnxModel,
    "samples": DataSamples,
}
_X: Final = TensorSpec(name="x", shape=("N", 1, 8, 8))


def tiny_facts(name: Tiny) -> Any:
    """Give the facts of a tiny model (with its layer table) or the samples; no framework needed."""
    return _KINDS[name].from_json(json.loads(FACTS.read_text(encoding="utf-8"))[name])


def tiny_samples(folder: Path, count: int = 32, seed: int = 0) -> Artifact[Any]:
    """Make samples `x: [N, 1, 8, 8] float32` of 4 classes, as all tiny models take them."""
    from recipec.api.data.reference import write_reference

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "samples.json"
    arguments = {"count": count, "shape": [1, 8, 8], "classes": 4, "seed": seed}
    write_reference(path, "recipec.testing._tiny:draw", arguments)
    facts = DataSamples(count=count, inputs=(_X,), classes=4, preprocessing=Preprocessing())
    return artifact(facts, path)


def tiny_cnn(folder: Path) -> Artifact[Any]:
    """Make a `torch.module` in `folder/cnn`: two convolutions, a batch norm, a linear layer."""
    return _module(folder / "cnn", "cnn")


def tiny_mlp(folder: Path) -> Artifact[Any]:
    """Make a `torch.module` of three linear layers in `folder/mlp`."""
    return _module(folder / "mlp", "mlp")


def tiny_onnx(folder: Path) -> Artifact[Any]:
    """Make an `onnx.model` of a convolution and a Gemm: `folder/tiny.onnx`."""
    from recipec.api.onnx import onnx_facts
    from recipec.testing._tiny import write_onnx

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "tiny.onnx"
    write_onnx(path)
    return artifact(onnx_facts(path), path)


def _module(folder: Path, name: str) -> Artifact[Any]:
    from recipec.api import ImportString
    from recipec.api.torch import SavedModule, build_module, module_facts, reproducible, save_module

    builder = f"recipec.testing._tiny:{name}"
    with reproducible(seed=0, threads=1):
        module = build_module(ImportString(builder), {})
    save_module(folder, module, SavedModule(builder=builder, arguments={}, inputs=(_X,)))
    return artifact(module_facts(module, (_X,)), folder)
