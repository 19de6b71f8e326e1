"""Running sums of loss and accuracy, kept on the device so that no step waits for them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Score:
    """Mean loss over `count` samples, and the accuracy (a share) over the `labelled` of them, None
    without any."""

    loss: float
    accuracy: float | None
    count: int
    labelled: int

    @property
    def finite(self) -> bool:
        """Whether there is a number at all."""
        return math.isfinite(self.loss)

    def __str__(self) -> str:
        loss = f"loss {self.loss:.3f}"
        return loss if self.accuracy is None else f"{loss}  accuracy {100 * self.accuracy:.1f} %"


class Tally:
    """Adds up batches."""

    def __init__(self, device: torch.device) -> None:
        self._loss = torch.zeros((), dtype=torch.float64, device=device)
        self._right = torch.zeros((), dtype=torch.int64, device=device)
        self._labelled = torch.zeros((), dtype=torch.int64, device=device)
        self._count = 0

    def add(self, loss: Tensor, logits: Tensor, labels: Tensor) -> None:
        """Add a batch: its mean loss, logits [N, classes] and labels [N], negative for none."""
        self._loss += loss.detach() * len(labels)
        self._right += (logits.detach().argmax(1) == labels).sum()
        self._labelled += (labels >= 0).sum()
        self._count += len(labels)

    def score(self) -> Score:
        """Give the numbers so far; a NaN as the loss when nothing was added."""
        if not self._count:
            return Score(math.nan, None, 0, 0)
        labelled = int(self._labelled.item())
        accuracy = self._right.item() / labelled if labelled else None
        return Score(self._loss.item() / self._count, accuracy, self._count, labelled)
