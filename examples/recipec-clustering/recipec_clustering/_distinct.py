"""The different values of a tensor."""

from __future__ import annotations

import torch
from torch import Tensor


def distinct(tensor: Tensor) -> Tensor:
    """Give the values that occur in a tensor, in rising order [values]."""
    return distinct_and_places(tensor)[0]


def distinct_and_places(tensor: Tensor) -> tuple[Tensor, Tensor]:
    """Give the values [values], and for each element of the flat tensor which it has [elements]."""
    flat = tensor.detach().flatten()
    values, places = torch.unique(flat, return_inverse=True)
    return values, places
