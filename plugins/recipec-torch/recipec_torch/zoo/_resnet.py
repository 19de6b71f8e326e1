"""A residual network for small images."""

from __future__ import annotations

from torch import Tensor, nn


def resnet(depth: int = 14, width: int = 16, classes: int = 10, in_channels: int = 1) -> ResNet:
    """Make the CIFAR ResNet of He et al., "Deep Residual Learning", CVPR 2016, section 4.2.

    Three stages of `(depth - 2) / 6` basic blocks with `width`, 2 × and 4 × `width` channels, the
    second and third at half the resolution of the one before. Images `[N, in_channels, H, W]` of
    8×8 to 32×32 → logits `[N, classes]`. Where the shape changes, the shortcut is a 1×1 convolution
    (the paper's option B). Raises ValueError unless `depth` is 6n + 2.
    """
    blocks, rest = divmod(depth - 2, 6)
    if rest or blocks < 1:
        raise ValueError(f"depth is {depth}, but a ResNet of this kind has 6n + 2 layers: 8, 14, …")
    return ResNet(blocks, width, classes, in_channels)


class ResNet(nn.Module):
    """Stem, three stages of residual blocks, average pooling, linear classifier."""

    def __init__(self, blocks: int, width: int, classes: int, in_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, width, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(width)
        self.relu = nn.ReLU()
        stages = []
        channels = width
        for wide, stride in ((width, 1), (2 * width, 2), (4 * width, 2)):
            for number in range(blocks):
                stages.append(_Block(channels, wide, stride if number == 0 else 1))
                channels = wide
        self.blocks = nn.Sequential(*stages)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn(self.conv(x)))
        x = self.pool(self.blocks(x)).flatten(1)
        logits: Tensor = self.fc(x)
        return logits


class _Block(nn.Module):
    """Two 3×3 convolutions with a shortcut around them."""

    def __init__(self, channels: int, wide: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, wide, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(wide)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(wide, wide, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(wide)
        self.relu2 = nn.ReLU()
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or channels != wide:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels, wide, 1, stride, bias=False), nn.BatchNorm2d(wide)
            )

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(self.relu1(self.bn1(self.conv1(x)))))
        out: Tensor = self.relu2(y + self.shortcut(x))
        return out
