"""Make torch's optimizers and losses from parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor, nn

from recipec_train.optimizers import Adam, AdamW, Sgd
from recipec_train.params import CrossEntropy, Loss


def make_optimizer(
    params: Sgd | Adam | AdamW, parameters: Iterable[nn.Parameter], *, fused: bool
) -> torch.optim.Optimizer:
    """Make the optimizer of these parameters.

    `fused` takes a step in one pass over each parameter, up to five times as quickly; but it
    unscales float16 gradients by itself, which leaves no moment to clip them.
    """
    wanted = [p for p in parameters if p.requires_grad]
    match params:
        case Sgd():
            return torch.optim.SGD(
                wanted,
                params.lr,
                momentum=params.momentum,
                nesterov=params.nesterov,
                weight_decay=params.weight_decay,
                fused=fused,
            )
        case Adam():
            return torch.optim.Adam(
                wanted,
                params.lr,
                betas=params.betas,
                weight_decay=params.weight_decay,
                fused=fused,
            )
        case AdamW():
            return torch.optim.AdamW(
                wanted,
                params.lr,
                betas=params.betas,
                weight_decay=params.weight_decay,
                fused=fused,
            )


def make_loss(params: Loss) -> Callable[[Tensor, Tensor], Tensor]:
    """Make the mean loss of logits [N, classes] and labels [N]."""
    if isinstance(params, CrossEntropy):
        smoothing = params.label_smoothing
        return lambda logits, labels: F.cross_entropy(logits, labels, label_smoothing=smoothing)
    return lambda logits, labels: F.mse_loss(
        logits, F.one_hot(labels, logits.shape[1]).to(logits.dtype)
    )
