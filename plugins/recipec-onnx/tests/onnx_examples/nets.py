"""Small networks to export."""

import torch
from torch import nn


class Residual(nn.Module):
    """A residual block with a projection that runs last but is declared first: 8×8 images."""

    def __init__(self, width: int = 8):
        super().__init__()
        self.short = nn.Conv2d(width, 2 * width, 1, stride=2, bias=False)
        self.short_norm = nn.BatchNorm2d(2 * width)
        self.stem = nn.Conv2d(1, width, 3, padding=1, bias=False)
        self.stem_norm = nn.BatchNorm2d(width)
        self.conv1 = nn.Conv2d(width, 2 * width, 3, stride=2, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(2 * width)
        self.conv2 = nn.Conv2d(2 * width, 2 * width, 3, padding=1, groups=4)
        self.relu = nn.ReLU(inplace=True)
        self.head = nn.Linear(2 * width, 10)

    def forward(self, x):
        x = self.relu(self.stem_norm(self.stem(x)))
        y = self.conv2(self.relu(self.norm1(self.conv1(x))))
        x = self.relu(y + self.short_norm(self.short(x)))
        return self.head(torch.flatten(nn.functional.adaptive_avg_pool2d(x, 1), 1))


class Perceptron(nn.Module):
    """Linear layers on [N, features], one without a bias, one with a bias of zeros."""

    def __init__(self):
        super().__init__()
        self.flat = nn.Flatten()
        self.wide = nn.Linear(64, 48)
        self.norm = nn.BatchNorm1d(48)
        self.plain = nn.Linear(48, 48, bias=False)
        self.head = nn.Linear(48, 10)
        nn.init.zeros_(self.head.bias)

    def forward(self, x):
        return self.head(torch.relu(self.plain(torch.relu(self.norm(self.wide(self.flat(x)))))))


class Sequence(nn.Module):
    """Linear and normalization layers on [N, 8, 8], two of them with equal weights."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(8, 24)
        self.norm1, self.norm2 = nn.LayerNorm(24), nn.LayerNorm(24)
        self.second = nn.Linear(24, 24, bias=False)
        self.single = nn.Linear(24, 16)
        self.shared = nn.Linear(16, 16)
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        x = self.norm2(self.second(torch.relu(self.norm1(self.first(x.squeeze(1))))))
        x = self.single(x.mean(1, keepdim=True))[:, 0]  # a sequence of length 1
        return self.head(self.shared(torch.relu(self.shared(x))))  # twice on vectors


class Varied(nn.Module):
    """A convolution of each kind, and a batch normalization that can't be folded."""

    def __init__(self):
        super().__init__()
        self.row = nn.Conv1d(8, 6, 3, padding="same")
        self.up = nn.ConvTranspose2d(1, 4, 2, stride=2)
        self.up_norm = nn.BatchNorm2d(4)
        self.deep = nn.Conv3d(4, 5, (1, 3, 3), padding=(0, 1, 1))
        self.norm = nn.BatchNorm2d(5)
        self.head = nn.Linear(11, 10)

    def forward(self, x):
        row = self.row(x[:, 0]).mean(2)
        y = torch.relu(self.up_norm(self.up(x)))
        y = torch.relu(self.norm(torch.relu(self.deep(y[:, :, None])[:, :, 0])))
        return self.head(torch.cat([row, y.mean((2, 3))], 1))


class Memory(nn.Module):
    """An LSTM in both directions without biases, with more weights than are folded by default."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 64, batch_first=True, bidirectional=True, bias=False)
        self.head = nn.Linear(128, 10)

    def forward(self, x):
        return self.head(self.lstm(x[:, 0])[0][:, -1])


class Stacked(nn.Module):
    """A layer whose nodes can't be foretold: two LSTMs in one."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 12, num_layers=2, batch_first=True)
        self.head = nn.Linear(12, 10)

    def forward(self, x):
        return self.head(self.lstm(x[:, 0])[0][:, -1])


class Encoder(nn.Module):
    """An attention block over token ids and their mask, both int64 [N, 6]."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(40, 16)
        self.query, self.key = nn.Linear(16, 16), nn.Linear(16, 16)
        self.value = nn.Linear(16, 16)
        self.norm = nn.LayerNorm(16)

    def forward(self, ids, mask):
        x = self.embed(ids)
        scores = self.query(x) @ self.key(x).transpose(1, 2) / 4
        scores = scores.masked_fill(mask[:, None] == 0, torch.finfo(scores.dtype).min)
        x = self.norm(x + scores.softmax(-1) @ self.value(x))
        weights = mask[..., None].to(x.dtype)
        return (x * weights).sum(1) / weights.sum(1)


class Recurrent(nn.Module):
    """A gated recurrent unit."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 12, batch_first=True)
        self.head = nn.Linear(12, 10)

    def forward(self, x):
        return self.head(self.gru(x[:, 0])[0][:, -1])


class TwoFaced(nn.Module):
    """Another network when it is exported than when it runs."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        y = self.head(x.flatten(1))
        return y if torch.compiler.is_exporting() else y * 1.01


def build(name: str, seed: int = 0) -> nn.Module:
    """Build a network with weights, and statistics of batch norms, that are the same each time."""
    torch.manual_seed(seed)
    module = globals()[name]()
    for layer in module.modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm):
            nn.init.normal_(layer.running_mean)
            nn.init.uniform_(layer.running_var, 0.5, 2.0)
            nn.init.normal_(layer.bias)
    return module.eval()
