"""Learning from another model's logits (Hinton et al., arXiv:1503.02531)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor, nn


def soft_divergence(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Give the divergence KL(teacher ‖ student) of softmax(logits / T), the mean over a batch.

    Both are logits [N, classes]. Its gradient is smaller by T²: a loss multiplies by that.
    """
    return F.kl_div(
        F.log_softmax(student / temperature, 1),
        F.log_softmax(teacher / temperature, 1),
        reduction="batchmean",
        log_target=True,
    )


class Teacher:
    """A module that is learned from, and doesn't learn: frozen, and in evaluation mode.

    It goes to the device of the inputs that it gets, which are the student's. `order` are the
    places of its inputs among those; None where they are the same.
    """

    def __init__(self, module: nn.Module, order: Sequence[int] | None = None) -> None:
        self._module = module.eval().requires_grad_(False)
        self._order = order
        self._device: torch.device | None = None

    def __call__(self, inputs: Sequence[Tensor]) -> Tensor:
        """Give its logits [N, classes], in its own precision."""
        given = inputs if self._order is None else [inputs[place] for place in self._order]
        if given[0].device != self._device:
            self._device = given[0].device
            self._module.to(self._device)
        with torch.no_grad():
            logits: Tensor = self._module(*given)
        return logits
