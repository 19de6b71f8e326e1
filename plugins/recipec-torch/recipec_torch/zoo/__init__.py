"""Small classifiers for small data, so that a first recipe needs nothing else (heavy: torch)."""

from recipec_torch.zoo._conv_mobilenet import conv_mobilenet
from recipec_torch.zoo._efficientnet import efficientnet
from recipec_torch.zoo._lstm import Lstm, lstm
from recipec_torch.zoo._mlp import mlp
from recipec_torch.zoo._mobilenet import MobileNet, mobilenet
from recipec_torch.zoo._resnet import ResNet, resnet

__all__ = [
    "Lstm",
    "MobileNet",
    "ResNet",
    "conv_mobilenet",
    "efficientnet",
    "lstm",
    "mlp",
    "mobilenet",
    "resnet",
]
