"""A multilayer perceptron."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from torch import nn


def mlp(features: int = 64, hidden: Sequence[int] = (128, 64), classes: int = 10) -> nn.Sequential:
    """Make a perceptron with ReLUs: linear layers `fc1`, `fc2`, … and the classifier `fc`.

    Samples `[N, …]` of `features` numbers each, of whatever shape → logits `[N, classes]`.
    `hidden` are the widths of the layers between; none of them makes a linear classifier.
    Raises ValueError unless sizes are at least 1.
    """
    layers: OrderedDict[str, nn.Module] = OrderedDict(flatten=nn.Flatten())
    for number, width in enumerate(hidden, 1):
        if width < 1:
            raise ValueError(f"a hidden layer of width {width}: it must be at least 1")
        layers[f"fc{number}"] = nn.Linear(features, width)
        layers[f"relu{number}"] = nn.ReLU()
        features = width
    layers["fc"] = nn.Linear(features, classes)
    return nn.Sequential(layers)
