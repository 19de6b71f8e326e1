"""Indices of 1 to 8 bits, one after another in bytes, the lowest bit first."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def pack_bits(indices: Tensor, bits: int) -> Tensor:
    """Pack integers [n] below 2^bits into uint8 [⌈n × bits ÷ 8⌉]; what is left over is 0."""
    single = indices.to(torch.uint8).reshape(-1, 1) >> torch.arange(bits, dtype=torch.uint8)
    flat = (single & 1).reshape(-1).numpy()
    return torch.from_numpy(np.packbits(flat, bitorder="little"))


def unpack_bits(packed: Tensor, bits: int, count: int) -> Tensor:
    """Give the int64 indices [count] that `pack_bits` packed."""
    flat = np.unpackbits(packed.numpy(), count=count * bits, bitorder="little")
    weights = 1 << torch.arange(bits)
    return (torch.from_numpy(flat).reshape(count, bits).long() * weights).sum(1)
