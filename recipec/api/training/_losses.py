"""Losses: what a training minimizes, of a module and a batch."""

from __future__ import annotations

from collections.abc import Callable

import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor, nn

from recipec.api.training.losses import CrossEntropy, Loss

LossFunction = Callable[[nn.Module, tuple[Tensor, ...], Tensor], tuple[Tensor, Tensor]]
"""Takes the module, its inputs and the labels [N] (negative where there is none); gives the mean
loss of the batch, and the logits [N, classes] that the accuracy is counted on."""


def supervised(params: Loss) -> LossFunction:
    """Make the mean loss of the module's logits against the labels."""
    of_logits = make_loss(params)

    def loss(
        module: nn.Module, inputs: tuple[Tensor, ...], labels: Tensor
    ) -> tuple[Tensor, Tensor]:
        logits = module(*inputs)
        return of_logits(logits, labels), logits

    return loss


def make_loss(params: Loss) -> Callable[[Tensor, Tensor], Tensor]:
    """Make the mean loss of logits [N, classes] and labels [N]."""
    if isinstance(params, CrossEntropy):
        smoothing = params.label_smoothing
        return lambda logits, labels: F.cross_entropy(logits, labels, label_smoothing=smoothing)
    return lambda logits, labels: F.mse_loss(
        logits, F.one_hot(labels, logits.shape[1]).to(logits.dtype)
    )
