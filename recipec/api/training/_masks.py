"""Weights that stay exactly zero while the rest is trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor, nn

TINY: Final = torch.finfo(torch.float32).tiny
"""What a weight without a mask is set to that training has brought to exactly 0: 1.2e-38."""


class Masks:
    """Holds weights at zero: their gradients are set to zero, infinities and NaN too.

    As momentum is empty where a mask begins, and weight decay of a zero is zero, they stay exactly
    0 under every optimizer here. Shared weights are held once.
    """

    def __init__(self) -> None:
        self._held: dict[nn.Parameter, Tensor] = {}

    def hold(self, parameter: nn.Parameter, zeros: Tensor) -> None:
        """Set these weights to zero and hold them there, with those that are held already."""
        with torch.no_grad():
            if parameter in self._held:
                self._held[parameter].logical_or_(zeros)
            else:
                self._held[parameter] = zeros.clone()
                hook = _Without(self, parameter)
                parameter.register_hook(hook)  # type: ignore[no-untyped-call]  # torch has no types here
            parameter.masked_fill_(self.of(parameter), 0.0)

    def of(self, parameter: nn.Parameter) -> Tensor:
        """Give what is held of a parameter (bool, on its device): nothing when it isn't known."""
        if parameter not in self._held:
            return torch.zeros_like(parameter, dtype=torch.bool)
        if self._held[parameter].device != parameter.device:
            self._held[parameter] = self._held[parameter].to(parameter.device)
        return self._held[parameter]

    def settle(self) -> None:
        """Move weights without a mask off exactly 0, so that as many are zero as are held.

        It is rare that training brings a weight to exactly 0; but where it does, there would be one
        more than was planned.
        """
        with torch.no_grad():
            for parameter in self._held:
                parameter.masked_fill_((parameter == 0) & ~self.of(parameter), TINY)

    @property
    def count(self) -> int:
        """How many weights are held."""
        return sum(int(zeros.count_nonzero()) for zeros in self._held.values())


class _Without:
    """A gradient hook."""

    def __init__(self, masks: Masks, parameter: nn.Parameter) -> None:
        self._masks, self._parameter = masks, parameter

    def __call__(self, gradient: Tensor) -> Tensor:
        return gradient.masked_fill(self._masks.of(self._parameter), 0.0)


def forget(optimizer: torch.optim.Optimizer, held: Mapping[nn.Parameter, Tensor]) -> None:
    """Set what an optimizer remembers of these weights (momentum, averages) to zero."""
    with torch.no_grad():
        for parameter, zeros in held.items():
            for value in optimizer.state.get(parameter, {}).values():
                if isinstance(value, Tensor) and value.shape == parameter.shape:
                    value.masked_fill_(zeros, 0.0)


def keep_zeros(module: nn.Module) -> Masks:
    """Hold the zeros of trained parameters of two dimensions or more: matrices and kernels.

    A tensor that is all zeros isn't held: that is an initialization (the last layer of a residual
    branch), and it would never learn.
    """
    masks = Masks()
    for parameter in module.parameters():
        if parameter.requires_grad and parameter.dim() > 1:
            zeros = parameter.detach() == 0
            if 0 < int(zeros.count_nonzero()) < parameter.numel():
                masks.hold(parameter, zeros)
    return masks
