"""The layer table of a model in OpenVINO, from that of the ONNX file it is converted from."""

from __future__ import annotations

from typing import Final

from recipec.api import UNKNOWN, Layer, LayerTable, OnnxModel, Quantization, Tensor, Unknown

_CARRIED: Final = {"Conv", "ConvTranspose", "Gemm", "MatMul", "Gather", "LayerNormalization"}
"""ONNX operators whose tensors OpenVINO keeps as they are, each as a constant of the graph.

It takes others apart, and folds some into their neighbours: batch normalizations, recurrent layers,
arithmetic with stored numbers.
"""


def converted_table(source: OnnxModel, to_fp16: bool) -> LayerTable | Unknown:
    """Give the rows of the ONNX file for what OpenVINO keeps of it, UNKNOWN where it can't be told.

    Zero points that are 0 go. Biases of zeros and scales of ones go too, but stay in the table: it
    can't be told beforehand which they are. With `to_fp16` float32 tensors become float16, but for
    the scales of int8 ones.
    """
    table = source.layers
    if isinstance(table, Unknown) or any(layer.type not in _CARRIED for layer in table.layers):
        return UNKNOWN
    if not all(_symmetric(layer, source.quantization) for layer in table.layers):
        return UNKNOWN
    return table.with_layers(
        tuple(
            layer.with_tensors(
                tuple(
                    _halved(tensor) if to_fp16 and _is_float(tensor) else tensor
                    for tensor in layer.tensors
                    if not tensor.name.endswith("_zero_point")
                )
            )
            for layer in table.layers
        )
    )


def _symmetric(layer: Layer, quantization: Quantization | Unknown | None) -> bool:
    """Say whether the layer's zero points, if it has any, are known to be 0."""
    if any(t.dtype not in ("float32", "float16", "int8", "int32") for t in layer.tensors):
        return False
    if not any(t.name.endswith("_zero_point") for t in layer.tensors):
        return True
    return isinstance(quantization, Quantization) and set(quantization.weights.split(", ")) <= {
        "int8 symmetric per channel",
        "int8 symmetric per tensor",
    }


def _is_float(tensor: Tensor) -> bool:
    return tensor.dtype == "float32" and tensor.role != "quantization"


def _halved(tensor: Tensor) -> Tensor:
    """Small weights may become 0 in float16: zeros aren't known."""
    return tensor.without_zeros().model_copy(update={"dtype": "float16"})
