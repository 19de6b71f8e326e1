"""Makes the inputs of training stages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from recipec.api import Artifact, DataSamples, ImportString, TensorSpec
from recipec.api.data.reference import write_reference
from recipec.api.torch import SavedModule, build_module, module_facts, save_code, save_module
from recipec.testing import artifact

IMAGES = (TensorSpec(name="x", shape=("N", 1, 8, 8)),)


def save_model(
    path: Path, name: str, change: Callable[[Any], None] | None = None, **arguments: Any
) -> Artifact[Any]:
    """Save `models.py:NAME` at `path`; `change` may edit its weights first."""
    here = Path(__file__).parent
    module = build_module(ImportString(f"models.py:{name}"), arguments, here)
    if change is not None:
        with torch.no_grad():
            change(module)
    structure = SavedModule(builder=f"models.py:{name}", arguments=arguments, inputs=IMAGES)
    save_module(path, module, structure)
    save_code(path, here / "models.py")
    return artifact(module_facts(module, IMAGES), path)


def refer_to_digits(path: Path, start: int, count: int) -> Artifact[Any]:
    """Refer to `count` of scikit-learn's digits from `start`."""
    write_reference(path, "train_examples.digits:load", {"start": start, "count": count})
    facts = DataSamples(count=count, inputs=IMAGES, classes=10, split="train")
    return artifact(facts, path)
