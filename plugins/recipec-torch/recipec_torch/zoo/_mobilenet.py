"""A network of inverted residuals for small images."""

from __future__ import annotations

from math import ceil

from torch import Tensor, nn

STAGES = ((1, 16, 1, 1), (4, 24, 2, 2), (4, 32, 2, 2))
"""Expansion, channels at width 1, blocks, and the first block's stride, for each stage."""
HEAD = 128
"""Channels before the pooling, at width 1."""


def mobilenet(
    width: float = 1.0,
    classes: int = 10,
    in_channels: int = 1,
    divisor: int = 8,
    depth: float = 1.0,
) -> MobileNet:
    """Make a small MobileNetV2 (Sandler et al., CVPR 2018): depthwise convolutions, few parameters.

    Images `[N, in_channels, H, W]` of 8×8 to 32×32 → logits `[N, classes]`. Channels are those of
    `STAGES` and `HEAD` × `width`, rounded to multiples of `divisor`; blocks are those of `STAGES` ×
    `depth`, rounded up. Raises ValueError unless both factors are above 0.
    """
    for name, factor in (("width", width), ("depth", depth)):
        if factor <= 0:
            raise ValueError(f"{name} is {factor}, and must be above 0")
    return MobileNet(width, classes, in_channels, divisor, depth)


class MobileNet(nn.Module):
    """Stem, stages of inverted residuals, a 1×1 head, average pooling, linear classifier."""

    def __init__(
        self, width: float, classes: int, in_channels: int, divisor: int, depth: float = 1.0
    ) -> None:
        super().__init__()

        def wide(channels: int) -> int:
            return max(divisor, round(channels * width / divisor) * divisor)

        channels = wide(STAGES[0][1])
        layers: list[nn.Module] = [_ConvNormActivation(in_channels, channels, 3)]
        for expansion, out, blocks, stride in STAGES:
            for number in range(ceil(blocks * depth)):
                first = stride if number == 0 else 1
                layers.append(_InvertedResidual(channels, wide(out), first, expansion))
                channels = wide(out)
        layers.append(_ConvNormActivation(channels, wide(HEAD), 1))
        self.features = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(wide(HEAD), classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.classifier(self.pool(self.features(x)).flatten(1))
        return logits


class _ConvNormActivation(nn.Sequential):
    def __init__(
        self, channels: int, out: int, kernel: int, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__(
            nn.Conv2d(channels, out, kernel, stride, kernel // 2, groups=groups, bias=False),
            nn.BatchNorm2d(out),
            nn.ReLU6(),
        )


class _InvertedResidual(nn.Module):
    """Expand by a 1×1 convolution, filter depthwise, project back without an activation."""

    def __init__(self, channels: int, out: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = channels * expansion
        layers: list[nn.Module] = []
        if expansion != 1:
            layers.append(_ConvNormActivation(channels, hidden, 1))
        layers += [
            _ConvNormActivation(hidden, hidden, 3, stride, groups=hidden),
            nn.Conv2d(hidden, out, 1, bias=False),
            nn.BatchNorm2d(out),
        ]
        self.layers = nn.Sequential(*layers)
        self.residual = stride == 1 and channels == out

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.layers(x)
        return x + y if self.residual else y
