"""Random changes of training images."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor

from recipec.api.training.augment import Augment


def changed_image(x: Tensor, augment: Augment, generator: torch.Generator) -> Tensor:
    """Change images [N, C, H, W], each by its own draws; other inputs stay as they are.

    The draws are made on the CPU, so that they are the same on every device.
    """
    if x.dim() != 4 or not x.is_floating_point():
        return x
    if augment.is_affine:
        grid = F.affine_grid(_maps(x, augment, generator), list(x.shape), align_corners=False)
        x = F.grid_sample(x, grid, padding_mode="border", align_corners=False)
    if augment.flip:
        mirrored = torch.rand(len(x), generator=generator).to(x.device) < 0.5
        x = torch.where(mirrored[:, None, None, None], x.flip(3), x)
    return x


def _maps(x: Tensor, augment: Augment, generator: torch.Generator) -> Tensor:
    """Draw the maps [N, 2, 3] from places in the result to places in the image.

    Both are in halves of the height and width, from the centre (`affine_grid`); the ratio of the
    two keeps a rotation a rotation in images that aren't square.
    """
    count, _, height, width = x.shape
    draws = torch.rand(4, count, generator=generator) * 2 - 1
    angle = draws[0] * math.radians(augment.rotate)
    inverse = 1 / (1 + draws[1] * augment.scale)
    right = draws[2] * augment.shift * 2 / width
    down = draws[3] * augment.shift * 2 / height
    cosine, sine = angle.cos() * inverse, angle.sin() * inverse
    rows = (
        torch.stack([cosine, -sine * height / width, right], 1),
        torch.stack([sine * width / height, cosine, down], 1),
    )
    return torch.stack(rows, 1).to(x.device)
