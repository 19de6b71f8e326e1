"""Networks with linear layers and 1×1 convolutions, and others."""

import torch
from torch import nn


class Mlp(nn.Module):
    """Three linear layers, one without a bias."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(40, 64), nn.Linear(64, 48, bias=False)
        self.last = nn.Linear(48, 10)

    def forward(self, x):
        return self.last(self.second(self.first(x).relu()).relu())


class Pointwise(nn.Module):
    """1×1 convolutions, strided, padded and residual, among others."""

    def __init__(self):
        super().__init__()
        self.stem, self.bn = nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16)
        self.wide, self.wide_bn = nn.Conv2d(16, 64, 1, bias=False), nn.BatchNorm2d(64)
        self.depthwise = nn.Conv2d(64, 64, 3, padding=1, groups=64)
        self.narrow = nn.Conv2d(64, 16, 1)
        self.down = nn.Conv2d(16, 32, 1, stride=2, padding=1)
        self.same, self.grouped = (
            nn.Conv2d(32, 32, 1, padding="same"),
            nn.Conv2d(32, 32, 1, groups=4),
        )
        self.fc = nn.Linear(32 * 4, 10)

    def forward(self, x):
        x = self.bn(self.stem(x)).relu()
        x = x + self.narrow(self.depthwise(self.wide_bn(self.wide(x)).relu()))
        x = self.grouped(self.same(self.down(x).relu()))
        return self.fc(nn.functional.adaptive_avg_pool2d(x, 2).flatten(1))


class Encoder(nn.Module):
    """A block of a transformer: attention by linear layers, then two more, on `[N, 6, 32]`."""

    def __init__(self):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(32, 32) for _ in range(3))
        self.out, self.up, self.down = nn.Linear(32, 32), nn.Linear(32, 96), nn.Linear(96, 32)
        self.norm, self.last = nn.LayerNorm(32), nn.Linear(32, 4)

    def forward(self, x):
        heads = (
            layer(x).unflatten(-1, (4, 8)).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )
        mixed = nn.functional.scaled_dot_product_attention(*heads).transpose(1, 2).flatten(2)
        x = x + self.out(mixed)
        return self.last((x + self.down(nn.functional.gelu(self.up(self.norm(x))))).mean(1))


class Reader(nn.Module):
    """A recurrent network: `[N, 8, 6]` → `[N, 4]`."""

    def __init__(self):
        super().__init__()
        self.lstm, self.fc = nn.LSTM(6, 12, batch_first=True), nn.Linear(12, 4)

    def forward(self, x):
        return self.fc(self.lstm(x)[0][:, -1])


class Tied(nn.Module):
    """Two linear layers with one weight, and one layer under two names."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(40, 40), nn.Linear(40, 40)
        self.second.weight = self.first.weight
        self.one = nn.Linear(40, 40)
        self.again = self.one

    def forward(self, x):
        return self.again(self.one(self.second(self.first(x).relu()).relu()).relu())


class WeightReader(nn.Module):
    """Asks a layer's weight for its type, as T5 does."""

    def __init__(self):
        super().__init__()
        self.hidden, self.last = nn.Linear(40, 40), nn.Linear(40, 4, bias=False)

    def forward(self, x):
        y = self.hidden(x.to(self.hidden.weight.dtype)).relu()
        return torch.nn.functional.linear(self.last(y), self.last.weight.T)
