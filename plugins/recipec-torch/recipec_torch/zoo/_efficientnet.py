"""EfficientNet with the two arguments that compound scaling turns."""

from __future__ import annotations

from torch import nn

BLOCKS = (
    (1, 3, 1, 32, 16, 1),
    (6, 3, 2, 16, 24, 2),
    (6, 5, 2, 24, 40, 2),
    (6, 3, 2, 40, 80, 3),
    (6, 5, 1, 80, 112, 3),
    (6, 5, 2, 112, 192, 4),
    (6, 3, 1, 192, 320, 1),
)
"""Of B0: expansion, kernel, stride, channels read, channels made, layers, for each stage."""


def efficientnet(
    width: float = 1.0, depth: float = 1.0, classes: int = 1000, dropout: float = 0.2
) -> nn.Module:
    """Make an EfficientNet (Tan and Le, arXiv:1905.11946, table 1), of torchvision's parts.

    At 1 × 1 it is B0. Channels × `width` are rounded to multiples of 8, layers × `depth` are
    rounded up, as in the paper's code. Images `[N, 3, H, W]`, of 224×224 for B0 → logits
    `[N, classes]`. Raises ImportError without torchvision, ValueError unless both factors are
    above 0.
    """
    from torchvision.models.efficientnet import EfficientNet, MBConvConfig

    for name, factor in (("width", width), ("depth", depth)):
        if factor <= 0:
            raise ValueError(f"{name} is {factor}, and must be above 0")
    blocks = [MBConvConfig(*block, width_mult=width, depth_mult=depth) for block in BLOCKS]
    module: nn.Module = EfficientNet(blocks, dropout, num_classes=classes)
    return module
