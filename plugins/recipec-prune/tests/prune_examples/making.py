"""Artifacts of the networks of `nets.py`, and operators run on them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from recipec.api import (
    Artifact,
    DataSamples,
    ImportString,
    Operator,
    StagePlan,
    StageResult,
    TensorSpec,
    TorchModule,
    Unknown,
)
from recipec.api.data import ArraySamples
from recipec.api.data.reference import write_reference
from recipec.api.torch import (
    SavedModule,
    build_module,
    load_module,
    module_facts,
    read_structure,
    save_code,
    save_like,
    save_module,
)
from recipec.testing import AlonePlanContext, AloneRunContext, artifact

HERE = Path(__file__).parent
IMAGE = (TensorSpec(name="x", shape=("N", 1, 8, 8)),)
TOKENS = (TensorSpec(name="x", shape=("N", 6), dtype="int64"),)
VECTORS = (TensorSpec(name="x", shape=("N", 6, 16)),)
INPUTS = {"Recurrent": TOKENS, "Tied": TOKENS, "Encoder": VECTORS, "Bert": VECTORS}


@cache
def net(name: str) -> tuple[nn.Module, SavedModule, TorchModule]:
    """Make a network with random weights that depend on nothing but its name."""
    builder, inputs = f"nets.py:{name}", INPUTS.get(name, IMAGE)
    module = build_module(ImportString(builder), {}, HERE).eval()
    generator = torch.Generator().manual_seed(len(name))
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.3)
    structure = SavedModule(builder=builder, inputs=inputs)
    return module, structure, module_facts(module, inputs)


def save_net(folder: Path, name: str) -> Artifact[TorchModule]:
    """Save a network of `nets.py`."""
    module, structure, facts = net(name)
    save_module(folder, module, structure)
    save_code(folder, HERE / "nets.py")
    return artifact(facts, folder)


def samples(count: int, shape: list[int]) -> ArraySamples:
    """Give standard normal samples, which are the same each time."""
    values = np.random.default_rng(3).standard_normal((count, *shape)).astype(np.float32)
    return ArraySamples({"x": values})


def refer_to_samples(path: Path, model: Artifact[TorchModule], count: int = 20) -> Artifact[Any]:
    """Refer to samples that fit a model's input as data."""
    assert not isinstance(model.facts.inputs, Unknown)
    shape = list(model.facts.inputs[0].shape[1:])
    write_reference(path, "prune_examples.making:samples", {"count": count, "shape": shape})
    return artifact(DataSamples(count=count, inputs=model.facts.inputs, classes=None), path)


def changed(
    model: Artifact[TorchModule], folder: Path, tensors: Mapping[str, Any]
) -> Artifact[TorchModule]:
    """Save a network again with other values in some of its tensors."""
    module = load_module(model.path)
    with torch.no_grad():
        for name, value in tensors.items():
            module.get_parameter(name).copy_(value)
    return saved_like(model, folder, module)


def saved_like(
    model: Artifact[TorchModule], folder: Path, module: nn.Module
) -> Artifact[TorchModule]:
    """Save a module that was loaded from an artifact, and read its facts."""
    save_like(folder, model.path, module)
    return artifact(module_facts(module, read_structure(model.path).inputs), folder)


def forgetful(model: Artifact[TorchModule]) -> Artifact[TorchModule]:
    """Give a model of which it isn't known how many weights are zero, as after training."""
    assert not isinstance(model.facts.layers, Unknown)
    layers = model.facts.layers.without_zeros()
    return model._replace(facts=model.facts.model_copy(update={"layers": layers}))


class Pruned(NamedTuple):
    planned: StagePlan
    result: StageResult
    model: Artifact[TorchModule]

    @property
    def module(self) -> nn.Module:
        return load_module(self.model.path)

    @property
    def metrics(self) -> dict[str, float]:
        return {metric.name: metric.value for metric in self.result.metrics}

    def zeros(self, facts: TorchModule | None = None) -> dict[str, Any]:
        """Give the zero counts of the pruned model (or of other facts) by full tensor name."""
        layers = (facts or self.model.facts).layers
        assert not isinstance(layers, Unknown)
        return {f"{row.name}.{t.name}": t.zeros for row in layers.layers for t in row.tensors}


def prune(
    operator: type[Operator[Any]],
    folder: Path,
    inputs: Artifact[TorchModule] | Mapping[str, Artifact[Any]],
    *,
    seed: int = 0,
    **params: Any,
) -> Pruned:
    """Plan and run an operator; what was planned must be what was made."""
    given = inputs if isinstance(inputs, Mapping) else {"model": inputs}
    made = operator(operator.params.model_validate(params))
    facts = {port: one.facts for port, one in given.items()}
    planned = made.plan(facts, AlonePlanContext(folder))
    context = AloneRunContext(folder, made, seed=seed)
    result = made.run(given, context)
    model = result.outputs["model"]
    assert isinstance(model, TorchModule)
    assert list(planned.outputs["model"].contradictions(model)) == []
    assert planned.changed.keys() == result.changed.keys()
    for what, count in planned.changed.items():
        assert isinstance(count, Unknown) or count == result.changed[what]
    return Pruned(planned, result, artifact(model, context.path_for("model")))
