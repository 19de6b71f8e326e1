"""A recurrent classifier of short sequences."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def lstm(
    features: int = 8,
    hidden: int = 64,
    layers: int = 1,
    classes: int = 10,
    bidirectional: bool = False,
) -> Lstm:
    """Make an LSTM (Hochreiter and Schmidhuber, 1997) whose last output goes to a linear layer.

    Samples `[N, …]` are read as a sequence of steps with `features` numbers each, in the order in
    which they lie in memory: a digit `[N, 1, 8, 8]` as its 8 rows, a signal `[N, 1, 40]` with
    `features` 1 as 40 steps. Their numbers must divide by `features`. → logits `[N, classes]`.
    Raises ValueError unless sizes are at least 1.
    """
    for name, size in (("features", features), ("hidden", hidden), ("layers", layers)):
        if size < 1:
            raise ValueError(f"{name} is {size}, and must be at least 1")
    return Lstm(features, hidden, layers, classes, bidirectional)


class Lstm(nn.Module):
    """LSTM layers over the steps, then a linear classifier of the last step's output."""

    def __init__(
        self, features: int, hidden: int, layers: int, classes: int, bidirectional: bool
    ) -> None:
        super().__init__()
        self.features = features
        self.lstm = nn.LSTM(features, hidden, layers, batch_first=True, bidirectional=bidirectional)
        self.fc = nn.Linear(hidden * (2 if bidirectional else 1), classes)

    def forward(self, x: Tensor) -> Tensor:
        steps = torch.unflatten(x.flatten(1), 1, (-1, self.features))
        outputs, _ = self.lstm(steps)
        logits: Tensor = self.fc(outputs[:, -1])
        return logits
