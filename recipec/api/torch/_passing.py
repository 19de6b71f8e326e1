"""What stands in the place of a removed layer."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn


class PassThrough(nn.Identity):
    """Gives its first input, whatever else it is called with (a transformer layer's mask)."""

    def forward(self, input: Tensor, *others: Any, **named: Any) -> Tensor:
        return input
