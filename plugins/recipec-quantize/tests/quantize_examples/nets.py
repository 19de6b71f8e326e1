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


class Plain(nn.Module):
    """Convolutions with and without a bias, each with a batch norm, and a residual addition."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(8)
        self.head = nn.Linear(8, 10)

    def forward(self, x):
        x = torch.relu(self.norm1(self.conv1(x)))
        x = torch.relu(self.norm2(self.conv2(x)) + x)
        return self.head(x.mean((2, 3)))


class OddNorms(nn.Module):
    """Batch norms with a large ε and a fast momentum, one of them after a linear layer."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, bias=False)
        self.norm = nn.BatchNorm2d(8, eps=0.1, momentum=0.5)
        self.linear = nn.Linear(8, 12)
        self.norm2 = nn.BatchNorm1d(12, eps=0.05, affine=False)
        self.head = nn.Linear(12, 10)

    def forward(self, x):
        x = torch.relu(self.norm(self.conv(x))).mean((2, 3))
        return self.head(torch.relu(self.norm2(self.linear(x))))


class Spare(nn.Module):
    """A layer that runs, and whose result is thrown away."""

    def __init__(self):
        super().__init__()
        self.head, self.spare = nn.Linear(64, 10), nn.Linear(64, 10)

    def forward(self, x):
        self.spare(x.flatten(1))
        return self.head(x.flatten(1))


class Linear(nn.Linear):
    """A linear layer with a forward pass of its own."""

    def forward(self, x):
        return super().forward(x).tanh()


class Own(nn.Module):
    """A model with one."""

    def __init__(self):
        super().__init__()
        self.head = Linear(64, 10)

    def forward(self, x):
        return self.head(x.flatten(1))


class Mlp(nn.Module):
    """Two hidden layers; the first has 64 input features, the second 96, the last 36."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Flatten(), nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 36), nn.ReLU()
        )
        self.head = nn.Linear(36, 10, bias=False)

    def forward(self, x):
        return self.head(self.body(x))


class Pruned(Mlp):
    """The same, every second row of the first weight pruned."""

    def __init__(self):
        super().__init__()
        with torch.no_grad():
            self.body[1].weight[::2] = 0


class Recurrent(nn.Module):
    """The rows of an image as a sequence, through an LSTM and a GRU."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 16, num_layers=2, batch_first=True, bidirectional=True)
        self.gru = nn.GRU(32, 12, batch_first=True)
        self.head = nn.Linear(12, 10)

    def forward(self, x):
        states, _ = self.gru(self.lstm(x.squeeze(1))[0])
        return self.head(states[:, -1])


def build(name: str, seed: int = 0) -> nn.Module:
    """Build a network with weights, and statistics of batch norms, that are the same each time."""
    torch.manual_seed(seed)
    module = globals()[name]()
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d | nn.BatchNorm1d):
            nn.init.normal_(layer.running_mean)
            nn.init.uniform_(layer.running_var, 0.5, 2.0)
            if layer.bias is not None:
                nn.init.normal_(layer.bias)
    return module.eval()
