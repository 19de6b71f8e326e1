"""One network of each sort: convolutions, linear layers, recurrent, a transformer, tied weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Convolutional(nn.Module):
    """Convolutions of one and of several groups, batch normalization, a classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.bn = nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8)
        self.conv = nn.Conv2d(8, 16, 3, padding=1)
        self.depthwise = nn.Conv2d(16, 16, 3, padding=1, groups=16)
        self.fc = nn.Linear(16, 10)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(self.bn(self.stem(x)).relu()).relu()
        logits: Tensor = self.fc(self.depthwise(y).mean((2, 3)))
        return logits


class Residual(nn.Module):
    """Two stages of residual blocks: three keep their input's shape, one halves it."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.bn = nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8)
        self.first = nn.Sequential(_Block(8, 8), _Block(8, 8))
        self.second = nn.Sequential(_Block(8, 16, stride=2), _Block(16, 16))
        self.fc = nn.Linear(16, 10)

    def forward(self, x: Tensor) -> Tensor:
        y = self.second(self.first(self.bn(self.stem(x)).relu()))
        logits: Tensor = self.fc(y.mean((2, 3)))
        return logits


class _Block(nn.Module):
    def __init__(self, channels: int, out: int, stride: int = 1) -> None:
        super().__init__()
        self.a, self.bn_a = nn.Conv2d(channels, out, 3, stride, 1), nn.BatchNorm2d(out)
        self.b, self.bn_b = nn.Conv2d(out, out, 3, padding=1), nn.BatchNorm2d(out)
        self.shortcut = nn.Conv2d(channels, out, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.bn_b(self.b(self.bn_a(self.a(x)).relu()))
        y += self.shortcut(x)
        return y.relu_()


class Particular(Residual):
    """Works only as torch is set up by default, which following its tensors changes."""

    def forward(self, x: Tensor) -> Tensor:
        if not torch.backends.mha.get_fastpath_enabled():
            raise NotImplementedError("only with the fast path")
        return super().forward(x)


class Perceptron(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 20), nn.ReLU()
        )
        self.fc = nn.Linear(20, 10)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.fc(self.layers(x))
        return logits


class Recurrent(nn.Module):
    """Tokens → embedding → LSTM → classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(20, 8)
        self.lstm = nn.LSTM(8, 12, num_layers=2, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(24, 10)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.fc(self.lstm(self.embedding(x))[0].mean(1))
        return logits


class Encoder(nn.Module):
    """A transformer encoder of three layers, written out."""

    def __init__(self) -> None:
        super().__init__()
        self.position = nn.Parameter(torch.zeros(1, 6, 16))
        self.layers = nn.ModuleList(_EncoderLayer(16, 2) for _ in range(3))
        self.fc = nn.Linear(16, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.position
        for layer in self.layers:
            x = layer(x, None)
        logits: Tensor = self.fc(x.mean(1))
        return logits


class _EncoderLayer(nn.Module):
    """Attention and two linear layers, each with a shortcut around it, then normalized."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        x = self.norm1(x + self.attention(x, x, x, attn_mask=mask, need_weights=False)[0])
        y: Tensor = self.norm2(x + self.down(self.up(x).relu()))
        return y


class Tied(nn.Module):
    """A decoder that uses the embedding's weight."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(20, 8)
        self.hidden = nn.Linear(8, 8)
        self.decoder = nn.Linear(8, 20)
        self.decoder.weight = self.embedding.weight

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.decoder(self.hidden(self.embedding(x)).relu().mean(1))
        return logits
