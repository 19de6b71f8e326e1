"""Layer tables after onnxruntime's dynamic quantization."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recipec.api import UNKNOWN, Layer, LayerTable, Tensor, Unknown
from recipec_onnx.static_layers import gemm_channels

OPERATORS: Final = frozenset({"Gather", "Gemm", "LSTM", "MatMul"})
"""What is quantized where the recipe doesn't say: what gains from it."""
QUANTIZED: Final = OPERATORS | {"Conv"}
"""What onnxruntime's dynamic quantizer knows, of ONNX's own operators."""


def quantizable(table: LayerTable, operators: frozenset[str]) -> frozenset[str]:
    """Name the layers that can be quantized: float32 ones of these operators."""
    return frozenset(
        layer.name
        for layer in table.layers
        if layer.type in operators
        and layer.weight is not None
        and all(t.dtype == "float32" for t in layer.tensors)
    )


def dynamic_table(
    table: LayerTable, chosen: frozenset[str], *, weights: str, per_channel: bool
) -> LayerTable | Unknown:
    """Give the table after quantization, UNKNOWN where a layer's form can't be foretold.

    `table` is that of the model with its batch normalizations folded. Every Gemm becomes a MatMul,
    chosen or not. What multiplies integers has the scale and zero
    point of its weight; an LSTM has them for each direction, and its weights transposed.
    """
    rows: list[Layer] = []
    for layer in table.layers:
        row = _matmul(layer) if layer.type == "Gemm" else layer
        if row is not None and row.name in chosen:
            row = _quantized(row, weights, per_channel)
        if row is None:
            return UNKNOWN
        rows.append(row)
    return LayerTable(layers=tuple(rows))


def _matmul(layer: Layer) -> Layer | None:
    """Give a Gemm as the MatMul that it becomes, whose weight is [in, out]."""
    weight, channels = layer.weight, gemm_channels(layer)
    if weight is None or channels is None:
        return None
    shape = (weight.elements // channels, channels)
    tensors = (
        t.model_copy(update={"shape": shape}) if t.name == "weight" else t for t in layer.tensors
    )
    return layer.model_copy(update={"type": "MatMul", "tensors": tuple(tensors)})


def _quantized(layer: Layer, weights: str, per_channel: bool) -> Layer | None:
    if layer.type == "Gather":
        return _with(layer, layer.type, _parts(layer, {"weight": ((), "uint8")}))
    if layer.type == "LSTM":
        scales = {
            tensor.name: (tensor.shape[:2] if per_channel else tensor.shape[:1], "int8")
            for tensor in layer.tensors
            if tensor.name in ("weight", "recurrence")
        }
        turned = tuple(
            t.model_copy(update={"shape": (t.shape[0], *t.shape[:0:-1])}) if t.name in scales else t
            for t in layer.tensors
        )
        parts = _parts(layer.model_copy(update={"tensors": turned}), scales)
        return _with(layer, "DynamicQuantizeLSTM", parts)
    weight = layer.weight
    if weight is None or (layer.type == "MatMul" and len(weight.shape) != 2):
        return None
    grain = weight.shape[1:] if per_channel and layer.type == "MatMul" else ()
    multiplied = sorted(  # the node has its zero point; a Mul behind it has the scale
        _parts(layer, {"weight": (grain, weights)}), key=lambda t: t.name == "weight_scale"
    )
    return _with(layer, f"{layer.type}Integer", iter(multiplied))


def _parts(layer: Layer, scales: dict[str, tuple[tuple[int, ...], str]]) -> Iterator[Tensor]:
    for tensor in layer.tensors:
        if tensor.name not in scales:
            yield tensor
            continue
        shape, dtype = scales[tensor.name]
        yield tensor.model_copy(update={"dtype": dtype, "zeros": UNKNOWN})
        for part, kind in (("scale", "float32"), ("zero_point", dtype)):
            yield Tensor(name=f"{tensor.name}_{part}", shape=shape, dtype=kind, role="quantization")


def _with(layer: Layer, operator: str, parts: Iterator[Tensor]) -> Layer:
    tensors = sorted(parts, key=lambda tensor: tensor.role == "quantization")
    return layer.model_copy(update={"type": operator, "tensors": tuple(tensors)})
