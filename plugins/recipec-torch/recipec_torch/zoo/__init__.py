"""Small classifiers for small images, so that a first recipe needs nothing else (heavy: torch)."""

from recipec_torch.zoo._mobilenet import MobileNet, mobilenet
from recipec_torch.zoo._resnet import ResNet, resnet

__all__ = ["MobileNet", "ResNet", "mobilenet", "resnet"]
