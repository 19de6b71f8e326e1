"""Train a module: the one entry to the engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from recipec.api.artifacts import Artifact, TensorSpec
from recipec.api.data import open_samples
from recipec.api.digests import digest_json
from recipec.api.errors import OperatorError
from recipec.api.operator import RunContext
from recipec.api.torch import example_inputs, reproducible
from recipec.api.training._batches import BatchSource, Reader
from recipec.api.training._course import Course
from recipec.api.training._fabric import deterministic_on, make_fabric, quiet
from recipec.api.training._hooks import Hooks
from recipec.api.training._losses import LossFunction
from recipec.api.training._masks import Masks, keep_zeros
from recipec.api.training._outcome import Outcome
from recipec.api.training._training import Training
from recipec.api.training.params import TrainingParams


def train(
    module: nn.Module,
    data: BatchSource,
    params: TrainingParams,
    context: RunContext,
    *,
    loss: LossFunction,
    identity: str,
    validation: BatchSource | None = None,
    hooks: Hooks | None = None,
) -> Outcome:
    """Train a module in place; it comes back on the CPU and in evaluation mode.

    `loss` gives the mean loss of a batch. `identity` is the digest of all that the training depends
    on (`training_identity`): a checkpoint under `context.scratch` that bears it is gone on from,
    with the same bytes as an undisturbed run. Raises OperatorError when there is no parameter to
    train and when training diverges.
    """
    if not any(p.requires_grad for p in module.parameters()):
        raise OperatorError("the model has no parameter to train")
    sources = {"train": data} | ({} if validation is None else {"validation": validation})
    with reproducible(context.seed, context.threads), deterministic_on(params.device), quiet():
        fabric = make_fabric(params.device, params.precision)
        masks = keep_zeros(module) if params.keep_zeros else Masks()
        training = Training(params, module, fabric, loss)
        outcome = Course(params, training, sources, context, hooks or Hooks(), masks).run(identity)
        masks.settle()
        module.cpu()
    return outcome


def open_readers(
    inputs: Mapping[str, Artifact[Any]], model_inputs: tuple[TensorSpec, ...], classes: int
) -> dict[str, Reader]:
    """Open the labelled samples behind the inputs `data` and `validation`, where it is there.

    They are read as `model_inputs`, in that order.
    """
    return {
        place: Reader(open_samples(inputs[place]), model_inputs, classes)
        for place in ("data", "validation")
        if place in inputs
    }


def count_logits(module: nn.Module, inputs: tuple[TensorSpec, ...]) -> int:
    """Call the module and give its number of classes. Raises OperatorError when it doesn't return
    logits [N, classes]."""
    with torch.no_grad():
        logits = module(*example_inputs(inputs))
    if not isinstance(logits, torch.Tensor) or logits.dim() != 2:
        form = list(logits.shape) if isinstance(logits, torch.Tensor) else type(logits).__name__
        raise OperatorError(f"only logits [N, classes] can be trained; the model gives {form}")
    return int(logits.shape[1])


def training_identity(
    params: TrainingParams, inputs: Mapping[str, Artifact[Any]], context: RunContext
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
