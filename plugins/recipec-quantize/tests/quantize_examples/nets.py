"""Small networks, each with something that quantizers stumble over."""

import torch
from torch import nn


class Residual(nn.Module):
    """A residual block whose ReLU is called twice, a projection, and a classifier: 8×8 images."""

    def __init__(self, width: int = 8):
        super().__init__()
        self.stem = nn.Conv2d(1, width, 3, padding=1, bias=False)
        self.stem_norm = nn.BatchNorm2d(width)
        self.conv1 = nn.Conv2d(width, 2 * width, 3, stride=2, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(2 * width)
        self.conv2 = nn.Conv2d(2 * width, 2 * width, 3, padding=1, groups=2)
        self.norm2 = nn.BatchNorm2d(2 * width)
        self.short = nn.Conv2d(width, 2 * width, 1, stride=2)
        self.relu = nn.ReLU(inplace=True)
        self.head = nn.Linear(2 * width, 10)

    def forward(self, x):
        x = self.relu(self.stem_norm(self.stem(x)))
        y = self.relu(self.norm1(self.conv1(x)))
        x = self.relu(self.norm2(self.conv2(y)) + self.short(x))
        return self.head(x.mean((2, 3)))


class PreActivation(nn.Module):
    """A convolution whose output a batch norm and an addition read, and one that runs twice."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 8, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(8)
        self.conv = nn.Conv2d(8, 8, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(8)
        self.twice = nn.Conv2d(8, 8, 1)
        self.up = nn.ConvTranspose2d(8, 4, 2, stride=2)
        self.norm3 = nn.BatchNorm2d(4)
        self.head = nn.Linear(4, 10)
        self.idle = nn.Conv2d(1, 1, 1)

    def forward(self, x):
        x = self.stem(x)
        x = x + self.conv(torch.relu(self.norm1(x)))
        x = torch.relu(self.twice(torch.relu(self.twice(self.norm2(x)))))
        return self.head(torch.relu(self.norm3(self.up(x))).mean((2, 3)))


class Tied(nn.Module):
    """Two layers with one weight."""

    def __init__(self):
        super().__init__()
        self.one, self.other = nn.Linear(64, 64), nn.Linear(64, 64)
        self.other.weight = self.one.weight

    def forward(self, x):
        return self.other(self.one(x.flatten(1)))


class Weightless(nn.Module):
    """Nothing to quantize."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm2d(1)

    def forward(self, x):
        return self.norm(x).flatten(1)


def build(name: str, seed: int = 0) -> nn.Module:
    """Build a network with weights, and statistics of batch norms, that are the same each time."""
    torch.manual_seed(seed)
    module = globals()[name]()
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.running_mean)
            nn.init.uniform_(layer.running_var, 0.5, 2.0)
            nn.init.normal_(layer.bias)
    return module.eval()
