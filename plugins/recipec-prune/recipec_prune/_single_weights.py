"""Which single weights stay: all but those of least magnitude, or all but some drawn by lot."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn.utils import prune

Method = Literal["l1", "random"]


def keep_all_but(weights: Tensor, count: int, method: Method) -> Tensor:
    """Give the mask of what stays when `count` elements become zero; elements that are 0 go first.

    `l1` is torch's own `L1Unstructured`. `random` is its `RandomUnstructured`, except that zeros
    count: it draws among all elements, and would otherwise draw zeros again.
    """
    every = torch.ones_like(weights)
    if method == "l1":
        least = prune.L1Unstructured(count)
        return least.compute_mask(weights, every).bool()  # type: ignore[no-any-return, no-untyped-call]  # torch has no types here
    lots = torch.rand_like(weights).masked_fill(weights == 0, 2.0)  # above all that are drawn
    every.view(-1)[torch.topk(lots.view(-1), k=count).indices] = 0
    return every.bool()
