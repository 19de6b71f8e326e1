"""Modules that the tests train, as a recipe's author would write them."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Mlp(nn.Module):
    """Two linear layers on flattened images."""

    def __init__(self, hidden: int = 32, classes: int = 10, seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.first = nn.Linear(64, hidden)
        self.last = nn.Linear(hidden, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.first(x.flatten(1)).relu())


class Cnn(nn.Module):
    """A convolution, batch normalization, dropout and a linear layer."""

    def __init__(self, channels: int = 8, seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.conv = nn.Conv2d(1, channels, 3, padding=1)
        self.bn = nn.BatchNorm2d(channels)
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(channels * 16, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = nn.functional.max_pool2d(self.bn(self.conv(x)).relu(), 2)
        return self.fc(self.dropout(x.flatten(1)))


class Overflowing(Mlp):
    """Counts its training steps, multiplies by infinity in the third, and notes whether the first
    layer really computed in float16."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros((), dtype=torch.int64))
        self.register_buffer("halves", torch.zeros((), dtype=torch.int64))

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.first(x.flatten(1))
        if self.training:
            self.calls += 1
            self.halves += hidden.dtype == torch.float16
            if self.calls == 3:
                hidden = hidden * float("inf")
        return self.last(hidden.relu())


class Pair(Mlp):
    """Gives more than logits."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        logits = super().forward(x)
        return logits, logits


class Rows(nn.Module):
    """An LSTM over the rows of an image, and a linear layer on its last state."""

    def __init__(self, hidden: int = 12) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.lstm = nn.LSTM(8, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 10)

    def forward(self, x: Tensor) -> Tensor:
        states, _ = self.lstm(x.squeeze(1))
        return self.head(states[:, -1])


class Words(nn.Module):
    """Attention over token ids [N, T], where the mask [N, T] is 1: a small transformer."""

    def __init__(self, words: int = 20, width: int = 16) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embedding = nn.Embedding(words, width)
        self.attention = nn.MultiheadAttention(width, 2, batch_first=True)
        self.head = nn.Linear(width, 3)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        x = self.embedding(ids)
        x = x + self.attention(x, x, x, key_padding_mask=mask == 0, need_weights=False)[0]
        kept = mask.unsqueeze(-1).to(x.dtype)
        return self.head((x * kept).sum(1) / kept.sum(1))


class MaskFirst(Words):
    """Takes its inputs in the other order."""

    def forward(self, mask: Tensor, ids: Tensor) -> Tensor:
        return super().forward(ids, mask)


class Tied(nn.Module):
    """Two linear layers with one weight."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first = nn.Linear(64, 64)
        self.second = nn.Linear(64, 64)
        self.second.weight = self.first.weight
        self.head = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.second(self.first(x.flatten(1)).relu()).relu())
