"""Turn pictures into arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps


@dataclass(frozen=True, slots=True)
class Conversion:
    """What `ImageParams` ask for."""

    size: Sequence[int]
    channels: int
    fit: str
    mean: Sequence[float]
    std: Sequence[float]

    def __call__(self, picture: Image.Image) -> NDArray[np.float32]:
        """Give `[C, H, W]`. A photograph is turned as its EXIF data says, as viewers do."""
        turned = ImageOps.exif_transpose(picture).convert("L" if self.channels == 1 else "RGB")
        fitted = self._crop(turned) if self.fit == "crop" else self._resized(turned, *self.size)
        values = np.asarray(fitted, np.float32).reshape(*self.size, self.channels) / 255
        normal = (values - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)
        return np.ascontiguousarray(normal.transpose(2, 0, 1), np.float32)

    def _crop(self, picture: Image.Image) -> Image.Image:
        """Scale until both sides are long enough, cut around the middle; as torchvision does."""
        height, width = self.size
        # the side that is short of the other decides; the longer one is cut down to a whole pixel
        if picture.width * height <= picture.height * width:
            scaled = self._resized(picture, picture.height * width // picture.width, width)
        else:
            scaled = self._resized(picture, height, picture.width * height // picture.height)
        left, top = round((scaled.width - width) / 2), round((scaled.height - height) / 2)
        return scaled.crop((left, top, left + width, top + height))

    def _resized(self, picture: Image.Image, height: int, width: int) -> Image.Image:
        return picture.resize((width, height), Image.Resampling.BILINEAR)
