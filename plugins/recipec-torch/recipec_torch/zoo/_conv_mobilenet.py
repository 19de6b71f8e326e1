"""MobileNetV1 before its convolutions were separated."""

from __future__ import annotations

from torch import Tensor, nn

STAGES = (
    *((64, 1), (128, 2), (128, 1), (256, 2), (256, 1)),
    *((512, 2), *[(512, 1)] * 5),
    *((1024, 2), (1024, 1)),
)
"""Channels at width 1, and stride, of each 3×3 convolution behind the first."""


def conv_mobilenet(
    width: float = 1.0, classes: int = 1000, in_channels: int = 3, divisor: int = 8
) -> nn.Sequential:
    """Make the "Conv MobileNet" of Howard et al. (arXiv:1704.04861), tables 1 and 4.

    It has a full 3×3 convolution where MobileNetV1 has a depthwise and a pointwise one. Images
    `[N, in_channels, H, W]`, of 224×224 in the paper → logits `[N, classes]`. Channels are those
    of the paper × `width`, rounded to multiples of `divisor`. Raises ValueError unless `width` is
    above 0.
    """
    if width <= 0:
        raise ValueError(f"width is {width}, and must be above 0")

    def wide(channels: int) -> int:
        return max(divisor, round(channels * width / divisor) * divisor)

    layers, channels = [_block(in_channels, wide(32), 2)], wide(32)
    for out, stride in STAGES:
        layers.append(_block(channels, wide(out), stride))
        channels = wide(out)
    for layer in layers:
        nn.init.kaiming_normal_(layer.get_parameter("0.weight"), mode="fan_out")
    return nn.Sequential(*layers, _Pool(), nn.Linear(channels, classes))


def _block(channels: int, out: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU()
    )


class _Pool(nn.Module):
    """Average over all positions: `[N, C, H, W]` → `[N, C]`."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean((2, 3))
