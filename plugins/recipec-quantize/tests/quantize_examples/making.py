"""Makes the inputs of a quantization stage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from recipec.api import UNKNOWN, Artifact, DataSamples, ImportString, TensorSpec
from recipec.api.data import ArraySamples
from recipec.api.data.reference import write_reference
from recipec.api.torch import SavedModule, build_module, module_facts, save_code, save_module
from recipec.testing import artifact

IMAGES = (TensorSpec(name="x", shape=("N", 1, 8, 8)),)
COUNT = 80


def save_net(path: Path, name: str) -> Artifact[Any]:
    """Save a network of `nets.py` as an artifact, or the encoder of `minilm.py`."""
    here = Path(__file__).parent
    if name == "MiniLM":
        from quantize_examples.minilm import TOKENS, build

        save_module(path, module := build(), SavedModule(builder="minilm.py:build", inputs=TOKENS))
        save_code(path, here / "minilm.py")
        return artifact(module_facts(module, TOKENS, UNKNOWN), path)
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


def labelled(count: int = COUNT) -> ArraySamples:
    """Give the images, in four classes by which quarter of them is brightest."""
    x = images(count).inputs["x"]
    quarters = x.reshape(count, 2, 4, 2, 4).mean((2, 4)).reshape(count, 4)
    return ArraySamples({"x": x}, quarters.argmax(1).astype(np.int64))


def refer_to_labelled(path: Path) -> Artifact[Any]:
    """Refer to the labelled images as data."""
    write_reference(path, "quantize_examples.making:labelled", {})
    return artifact(DataSamples(count=COUNT, inputs=IMAGES, classes=4), path)


def tokens() -> ArraySamples:
    """Give the encoder's inputs."""
    from quantize_examples import minilm

    ids, mask = minilm.tokens(COUNT)
    return ArraySamples({"input_ids": ids.numpy(), "attention_mask": mask.numpy()})


def refer_to_tokens(path: Path) -> Artifact[Any]:
    """Refer to them as data."""
    from quantize_examples import minilm

    write_reference(path, "quantize_examples.making:tokens", {})
    return artifact(DataSamples(count=COUNT, inputs=minilm.TOKENS, classes=None), path)


def refer_to_images(path: Path) -> Artifact[Any]:
    """Refer to the images as data."""
    write_reference(path, "quantize_examples.making:images", {})
    return artifact(DataSamples(count=COUNT, inputs=IMAGES, classes=None), path)
