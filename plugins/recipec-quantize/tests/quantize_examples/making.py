"""Makes the inputs of a quantization stage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from recipec.api import Artifact, DataSamples, ImportString, TensorSpec
from recipec.api.data import ArraySamples
from recipec.api.data.reference import write_reference
from recipec.api.torch import SavedModule, build_module, module_facts, save_code, save_module
from recipec.testing import artifact

IMAGES = (TensorSpec(name="x", shape=("N", 1, 8, 8)),)
COUNT = 80


def save_net(path: Path, name: str) -> Artifact[Any]:
    """Save a network of `nets.py` as an artifact."""
    here = Path(__file__).parent
    module = build_module(ImportString("nets.py:build"), {"name": name}, here)
    structure = SavedModule(builder="nets.py:build", arguments={"name": name}, inputs=IMAGES)
    save_module(path, module, structure)
    save_code(path, here / "nets.py")
    return artifact(module_facts(module, IMAGES), path)


def images(count: int = COUNT) -> ArraySamples:
    """Give images of blurred noise: smooth, and not symmetric around zero."""
    noise = np.random.default_rng(7).random((count, 1, 10, 10))
    blurred = sum(noise[..., i : i + 8, j : j + 8] for i in range(3) for j in range(3))
    return ArraySamples({"x": (blurred / 3 - 1).astype(np.float32)})


def refer_to_images(path: Path) -> Artifact[Any]:
    """Refer to the images as data."""
    write_reference(path, "quantize_examples.making:images", {})
    return artifact(DataSamples(count=COUNT, inputs=IMAGES, classes=None), path)
