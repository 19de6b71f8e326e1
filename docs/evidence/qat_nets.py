"""A small convolutional net for the signals of MNIST-1D."""

from torch import nn


def signal_cnn(width: int = 32) -> nn.Module:
    """Make three convolutions with batch norms, pooling and a classifier: [N, 1, 40] → [N, 10]."""
    layers: list[nn.Module] = []
    channels = 1
    for wide in (width, 2 * width, 2 * width):
        layers += [
            nn.Conv1d(channels, wide, 5, stride=1 if channels == 1 else 2, padding=2, bias=False),
            nn.BatchNorm1d(wide),
            nn.ReLU(),
        ]
        channels = wide
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels * 10, 10))
