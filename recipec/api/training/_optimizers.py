"""Make torch's optimizers from parameters."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from recipec.api.training.optimizers import Adam, AdamW, Sgd


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
