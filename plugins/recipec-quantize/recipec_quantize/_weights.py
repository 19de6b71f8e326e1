"""Quantize one weight, with torchao's own arithmetic."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from recipec.api.torch import pack_int4
from recipec_quantize._torchao import MappingType, choose_qparams_affine, quantize_affine
from recipec_quantize.weight_tables import WeightScheme

_SCHEMES = {
    "int8": (MappingType.SYMMETRIC, torch.int8, -128, 127),
    "int4": (MappingType.SYMMETRIC_NO_CLIPPING_ERR, torch.int8, -8, 7),
    "uint4": (MappingType.ASYMMETRIC, torch.uint8, 0, 15),
}


class StoredWeight(NamedTuple):
    """A weight as it is stored: codes (of four bits packed), scales, zero points where not 0."""

    codes: Tensor
    scale: Tensor
    zero_point: Tensor | None


def stored_weight(weight: Tensor, scheme: WeightScheme) -> StoredWeight:
    """Quantize a float weight [rows, …]: (w / scale + zero point) rounded to the nearest even.

    int8 has one scale for each row, the row's largest magnitude / 127.5. Four bits have one for
    each group: int4 the least with which no value is clipped, uint4 the range of the group and 0
    divided by 15.
    """
    mapping, dtype, lowest, highest = _SCHEMES[scheme.dtype]
    block = (1, scheme.group) if scheme.group else (1, *weight.shape[1:])
    scale, zero_point = choose_qparams_affine(
        weight,
        mapping,
        block,
        target_dtype=dtype,
        quant_min=lowest,
        quant_max=highest,
        eps=torch.finfo(torch.float32).eps,
        scale_dtype=torch.float32,
        zero_point_dtype=torch.int8,
    )
    codes = quantize_affine(weight, block, scale, zero_point, dtype, lowest, highest)
    shape = (len(weight), -1) if scheme.group else (-1,)
    return StoredWeight(
        pack_int4(codes) if scheme.group else codes,
        scale.reshape(shape),
        zero_point.reshape(shape) if scheme.dtype == "uint4" else None,
    )
