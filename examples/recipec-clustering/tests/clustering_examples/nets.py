"""Networks with weights of several sorts, for images `[N, 1, 8, 8]` but where it says otherwise."""

import torch
from torch import nn


class Conv(nn.Module):
    """Convolutions, a normalization, a classifier."""

    def __init__(self):
        super().__init__()
        self.stem, self.bn = nn.Conv2d(1, 12, 3, padding=1), nn.BatchNorm2d(12)
        self.conv = nn.Conv2d(12, 16, 3, padding=1)
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        return self.fc(self.conv(self.bn(self.stem(x)).relu()).relu().mean((2, 3)))


class Mlp(nn.Module):
    """Two linear layers."""

    def __init__(self):
        super().__init__()
        self.fc1, self.fc = nn.Linear(64, 48), nn.Linear(48, 10)

    def forward(self, x):
        return self.fc(self.fc1(x.flatten(1)).relu())


class Reader(nn.Module):
    """Token ids `[N, 6]` → logits; the decoder has the embedding's weight."""

    def __init__(self):
        super().__init__()
        self.embedding, self.decoder = nn.Embedding(20, 8), nn.Linear(8, 20)
        self.lstm = nn.LSTM(8, 8, batch_first=True)
        self.decoder.weight = self.embedding.weight
        self.register_buffer("scale", torch.tensor(2.0), persistent=False)

    def forward(self, ids):
        return self.decoder(self.lstm(self.embedding(ids))[0].mean(1) * self.scale)
