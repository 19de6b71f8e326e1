"""Keep pruned weights at zero while the rest is trained."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor, nn

_MULTIPLIES = (nn.modules.conv._ConvNd, nn.Linear)


def keep_zeros(module: nn.Module) -> int:
    """Keep the zero weights of convolutions and linear layers out of training; say how many.

    Their gradients are set to zero. As every optimizer here starts with empty momentum, and weight
    decay of a zero is zero, they stay exactly 0. A tensor that is all zeros isn't held: that is an
    initialization (the last layer of a residual branch), and it would never learn.
    """
    held = 0
    for weight in _weights(module):
        zeros = weight.detach() == 0
        count = int(zeros.count_nonzero())
        if 0 < count < weight.numel():
            weight.register_hook(_Without(zeros))  # type: ignore[no-untyped-call]
            held += count
    return held


def _weights(module: nn.Module) -> Iterator[nn.Parameter]:
    seen = set()
    for layer in module.modules():
        weight = layer._parameters.get("weight") if isinstance(layer, _MULTIPLIES) else None
        if weight is not None and weight.requires_grad and id(weight) not in seen:
            seen.add(id(weight))
            yield weight


class _Without:
    """A hook that sets gradients to zero where `zeros` is true; infinities and NaN too."""

    def __init__(self, zeros: Tensor) -> None:
        self.zeros = zeros

    def __call__(self, gradient: Tensor) -> Tensor:
        return gradient.masked_fill(self.zeros.to(gradient.device), 0.0)
