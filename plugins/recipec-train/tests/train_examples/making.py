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
SENTENCES = tuple(TensorSpec(name=n, shape=("N", 6), dtype="int64") for n in ("ids", "mask"))


def save_model(
    path: Path,
    name: str,
    change: Callable[[Any], None] | None = None,
    inputs: tuple[TensorSpec, ...] = IMAGES,
    **arguments: Any,
) -> Artifact[Any]:
    """Save `models.py:NAME` at `path`; `change` may edit its weights first."""
    here = Path(__file__).parent
    module = build_module(ImportString(f"models.py:{name}"), arguments, here)
    if change is not None:
        with torch.no_grad():
            change(module)
    structure = SavedModule(builder=f"models.py:{name}", arguments=arguments, inputs=inputs)
    save_module(path, module, structure)
    save_code(path, here / "models.py")
    return artifact(module_facts(module, inputs), path)


def refer_to_digits(path: Path, start: int, count: int, labels: bool = True) -> Artifact[Any]:
    """Refer to `count` of scikit-learn's digits from `start`."""
    arguments = {"start": start, "count": count} | ({} if labels else {"labels": False})
    write_reference(path, "train_examples.digits:load", arguments)
    classes = 10 if labels else None
    facts = DataSamples(count=count, inputs=IMAGES, classes=classes, split="train")
    return artifact(facts, path)


def refer_to_sentences(path: Path, count: int) -> Artifact[Any]:
    """Refer to `count` sentences of token ids, with their mask."""
    write_reference(path, "train_examples.words:load", {"count": count})
    facts = DataSamples(count=count, inputs=SENTENCES[::-1], classes=3, split="train")
    return artifact(facts, path)
