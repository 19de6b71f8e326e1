"""Four-bit weights in groups: `DequantizeLinear` with blocks, on packed INT4 or UINT4 tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import onnx_ir as ir
import torch
from onnxscript import opset21

_FOUR_BITS: Final = {ir.DataType.INT8: ir.DataType.INT4, ir.DataType.UINT8: ir.DataType.UINT4}


def _dequantize_groups(
    codes: Any,
    scales: Any,
    zero_points: Any,
    lowest: int,
    highest: int,
    dtype: int,
    group_size: int,
    output_dtype: int,
) -> Any:
    """Translate `dequantize_per_channel_group`: scales [rows, groups] of codes [rows, columns]."""
    given = (codes, scales) if zero_points is None else (codes, scales, zero_points)
    return opset21.DequantizeLinear(*given, axis=1, block_size=group_size)


TRANSLATIONS: Final[Mapping[Callable[..., Any], Callable[..., Any]]] = {
    torch.ops.quantized_decomposed.dequantize_per_channel_group.default: _dequantize_groups
}


def store_four_bits(model: ir.Model) -> None:
    """Pack the codes that are dequantized in blocks, one to a byte so far, two to a byte.

    Their zero points become of the same type, as ONNX wants it.
    """
    for node in model.graph:
        if node.op_type != "DequantizeLinear" or "block_size" not in node.attributes:
            continue
        codes = node.inputs[0]
        assert codes is not None
        if codes.dtype not in _FOUR_BITS:
            continue  # the weight of a layer that runs twice has been packed
        dtype = _FOUR_BITS[codes.dtype]
        for value in (codes, *node.inputs[2:]):
            if value is not None:
                _store_as(value, dtype)


def _store_as(value: ir.Value, dtype: ir.DataType) -> None:
    assert value.const_value is not None
    codes = value.const_value.numpy()
    value.const_value = ir.tensor(codes.astype(np.int8).astype(dtype.numpy()), name=value.name)
    value.type = ir.TensorType(dtype)
