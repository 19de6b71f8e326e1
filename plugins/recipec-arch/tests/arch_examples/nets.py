"""Networks with standard convolutions, and others."""

import torch
from torch import nn


class Residual(nn.Module):
    """Strides, dilation, odd kernels, a bias, a residual sum, 1×1 and depthwise convolutions."""

    def __init__(self, width=16):
        super().__init__()
        self.stem, self.stem_bn = nn.Conv2d(3, width, 3, padding=1), nn.BatchNorm2d(width)
        self.inner = nn.Conv2d(width, 24, (5, 3), stride=2, padding=(2, 1), bias=False)
        self.inner_bn = nn.BatchNorm2d(24)
        self.outer = nn.Conv2d(24, 24, 3, padding=2, dilation=2, padding_mode="reflect")
        self.thin = nn.Conv2d(24, 24, 3, padding="same", groups=24)
        self.mix, self.fc = nn.Conv2d(24, 16, 1), nn.Linear(16, 10)

    def forward(self, x):
        y = self.inner_bn(self.inner(self.stem_bn(self.stem(x)).relu())).relu()
        y = y + self.outer(y)
        return self.fc(self.mix(self.thin(y)).mean((2, 3)))


class Signal(nn.Module):
    """Convolutions over a one-dimensional signal."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv1d(2, 16, 5, stride=2, padding=2)
        self.second = nn.Conv1d(16, 16, 3, padding=1)
        self.fc = nn.Linear(16, 4)

    def forward(self, x):
        return self.fc(self.second(self.first(x).relu()).relu().mean(2))


class Twice(nn.Module):
    """One convolution under two names; another one whose weight a third shares."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1)
        self.one = nn.Conv2d(8, 8, 3, padding=1)
        self.again = self.one
        self.two = nn.Conv2d(8, 8, 3, padding=1)
        self.three = nn.Conv2d(8, 8, 3, padding=1)
        self.three.weight = self.two.weight

    def forward(self, x):
        return self.three(self.two(self.again(self.one(self.first(x)).relu()).relu()))


class Reader(nn.Module):
    """A recurrent network: `[N, 8, 6]` → `[N, 4]`."""

    def __init__(self):
        super().__init__()
        self.lstm, self.fc = nn.LSTM(6, 12, batch_first=True), nn.Linear(12, 4)

    def forward(self, x):
        return self.fc(self.lstm(x)[0][:, -1])


class Stack(nn.Module):
    """Made of `depth` blocks of `width` channels, as compound scaling wants it."""

    def __init__(self, depth=2, width=1.0, blocks=(1, 2), channels=(8, 16), size=8, name="stack"):
        super().__init__()
        counts = [int(depth * n) for n in blocks]
        widths = [int(width * n) for n in channels]
        layers, before = [], 3
        for count, wide in zip(counts, widths, strict=True):
            for _ in range(count):
                layers.append(nn.Conv2d(before, wide, 3, padding=1))
                before = wide
        self.layers, self.fc = nn.Sequential(*layers), nn.Linear(before, 10)

    def forward(self, x):
        return self.fc(self.layers(x).relu().mean((2, 3)))


class Grouped(nn.Module):
    """A grouped convolution in a module that can't be analysed: a value steers its forward pass."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(4, 8, 3), nn.Conv2d(8, 8, 3, groups=2)

    def forward(self, x):
        y = self.second(self.first(x))
        return y.detach() if bool(torch.isfinite(y).all()) else y
