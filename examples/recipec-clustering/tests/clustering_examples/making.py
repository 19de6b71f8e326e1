"""Artifacts of the example networks, and of digits to train them on."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

from recipec.api import DataSamples, ImportString, TensorSpec
from recipec.api.data import ArraySamples
from recipec.api.data.reference import write_reference
from recipec.api.torch import SavedModule, build_module, module_facts, reproducible, save_module
from recipec.testing import AlonePlanContext, AloneRunContext, artifact

IMAGES = (TensorSpec(name="x", shape=("N", 1, 8, 8)),)
IDS = (TensorSpec(name="ids", shape=("N", 6), dtype="int64"),)


def save_net(folder, name, change=None):
    """Make an artifact of an example network; `change` may edit its weights first."""
    builder, inputs = f"clustering_examples.nets:{name}", IDS if name == "Reader" else IMAGES
    with reproducible(seed=0, threads=1):
        module = build_module(ImportString(builder), {})
    if change is not None:
        with torch.no_grad():
            change(module)
    save_module(folder, module, SavedModule(builder=builder, inputs=inputs))
    return artifact(module_facts(module, inputs), folder)


def rounded(module):
    """Give each matrix of a module at most 16 values: the nearest of sixteen."""
    for parameter in module.parameters():
        if parameter.dim() > 1:
            step = float(parameter.max() - parameter.min()) / 15
            parameter.copy_(parameter.min() + step * ((parameter - parameter.min()) / step).round())


def pruned(module):
    """Set the smaller half of each matrix to zero."""
    for parameter in module.parameters():
        if parameter.dim() > 1:
            parameter.mul_(parameter.abs() > parameter.abs().median())


def pictures(count):
    """Load `count` random pictures with labels 0 to 9."""
    random = np.random.default_rng(0)
    arrays = {"x": random.normal(size=(count, 1, 8, 8)).astype("float32")}
    return ArraySamples(arrays, np.arange(count) % 10)


def refer_to_pictures(path, count):
    """Refer to them."""
    write_reference(path, "clustering_examples.making:pictures", {"count": count})
    return artifact(DataSamples(count=count, inputs=IMAGES, classes=10, split="train"), path)


def example_facts(contract):
    """Give the facts of a contract's example artifacts."""
    with TemporaryDirectory() as folder:
        return {port: one.facts for port, one in contract.example_artifacts(Path(folder)).items()}


def change(operator, given, folder, seed=0, **params):
    """Plan and run an operator on an artifact; what was planned must be what was made."""
    made = operator(operator.params.model_validate(params))
    planned = made.plan({"model": given.facts}, AlonePlanContext(folder))
    context = AloneRunContext(folder / operator.id, made, seed=seed)
    result = made.run({"model": given}, context)
    assert list(planned.outputs["model"].contradictions(result.outputs["model"])) == []
    assert planned.changed == result.changed
    return artifact(result.outputs["model"], context.path_for("model")), result, planned
