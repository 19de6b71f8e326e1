"""Running sums of loss and accuracy, kept on the device so that no step waits for them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Score:
    """Mean loss and accuracy (a share) over `count` samples."""

    loss: float
    accuracy: float
    count: int

    @property
    def finite(self) -> bool:
        """Whether there is a number at all."""
        return math.isfinite(self.loss)

    def __str__(self) -> str:
        return f"loss {self.loss:.3f}  accuracy {100 * self.accuracy:.1f} %"


class Tally:
    """Adds up batches."""

    def __init__(self, device: torch.device) -> None:
        self._loss = torch.zeros((), dtype=torch.float64, device=device)
        self._right = torch.zeros((), dtype=torch.int64, device=device)
        self._count = 0

    def add(self, loss: Tensor, logits: Tensor, labels: Tensor) -> None:
        """Add a batch: its mean loss, logits [N, classes] and labels [N]."""
        self._loss += loss.detach() * len(labels)
        self._right += (logits.detach().argmax(1) == labels).sum()
        self._count += len(labels)

    def score(self) -> Score:
        """Give the numbers so far; NaN when nothing was added."""
        if not self._count:
            return Score(math.nan, math.nan, 0)
        count = self._count
        return Score(self._loss.item() / count, self._right.item() / count, count)
