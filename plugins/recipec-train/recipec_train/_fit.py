"""Run `train.fit`: load, train, save."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from recipec.api import Artifact, OperatorError, RunContext, StageResult, TensorSpec
from recipec.api.data import open_samples
from recipec.api.digests import digest_json
from recipec.api.torch import (
    example_inputs,
    load_module,
    module_facts,
    read_structure,
    reproducible,
    save_like,
)
from recipec_train._batches import Reader
from recipec_train._course import Course
from recipec_train._fabric import deterministic_on, make_fabric, quiet
from recipec_train._training import Training
from recipec_train._zeros import keep_zeros
from recipec_train.params import FitParams


def fit(params: FitParams, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
    """Train the artifact `inputs["model"]` on `inputs["data"]`. Raises OperatorError."""
    source = inputs["model"]
    structure = read_structure(source.path)
    module = load_module(source.path)
    if not any(p.requires_grad for p in module.parameters()):
        raise OperatorError("the model has no parameter to train")
    with reproducible(context.seed, context.threads), deterministic_on(params.device), quiet():
        fabric = make_fabric(params.device, params.precision)
        classes = count_logits(module, structure.inputs)
        readers = {
            split: Reader(open_samples(inputs[place]), structure.inputs, classes, fabric.device)
            for split, place in (("train", "data"), ("validation", "validation"))
            if place in inputs
        }
        if params.keep_zeros:
            keep_zeros(module)
        course = Course(params, Training(params, module, fabric), readers, context)
        notes = course.run(stage_digest(params, inputs, context))
        module.cpu()
    save_like(context.path_for("model"), source.path, module)
    facts = module_facts(module, structure.inputs, groups=source.facts.layers)
    return StageResult({"model": facts}, course.metrics(), notes)


def count_logits(module: nn.Module, inputs: tuple[TensorSpec, ...]) -> int:
    """Call the module and give its number of classes. Raises OperatorError when it doesn't return
    logits [N, classes]."""
    with torch.no_grad():
        logits = module(*example_inputs(inputs))
    if not isinstance(logits, torch.Tensor) or logits.dim() != 2:
        form = list(logits.shape) if isinstance(logits, torch.Tensor) else type(logits).__name__
        raise OperatorError(f"only logits [N, classes] can be trained; the model gives {form}")
    return int(logits.shape[1])


def stage_digest(
    params: FitParams, inputs: Mapping[str, Artifact[Any]], context: RunContext
) -> str:
    """Give the digest of all that the course of a training depends on."""
    return digest_json(
        {
            "params": params.model_dump(mode="json"),
            "inputs": {place: artifact.digest for place, artifact in inputs.items()},
            "seed": context.seed,
            "threads": context.threads,
            "torch": torch.__version__,
        }
    )
