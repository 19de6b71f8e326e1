"""Layer tables before and after dynamic quantization."""

from __future__ import annotations

from typing import Final

from recipec.api import UNKNOWN, Layer, LayerTable, Tensor

KINDS: Final = {"Linear": "DynamicLinear", "LSTM": "DynamicLSTM", "GRU": "DynamicGRU"}
"""What a layer of a type becomes: a class of `recipec.api.torch`."""


def takes_dynamic(table: LayerTable) -> frozenset[str]:
    """Name the layers that can be quantized dynamically.

    Those are float32 linear layers that are called, LSTMs and GRUs; torch's kernels of the latter
    two want biases, and know no projections.
    """
    return frozenset(layer.name for layer in table.layers if _is_able(layer))


def _is_able(layer: Layer) -> bool:
    if layer.type not in KINDS or any(t.dtype != "float32" for t in layer.tensors):
        return False
    names = {tensor.name for tensor in layer.tensors}
    if layer.type == "Linear":
        return layer.positions > 0 and "weight" in names
    return "bias_ih_l0" in names and not any(name.startswith("weight_hr") for name in names)


def dynamic_table(table: LayerTable, chosen: frozenset[str], *, per_channel: bool) -> LayerTable:
    """Give the table after quantization: chosen layers have int8 weights, each with a scale.

    The scale of `weight_ih_l0` is `weight_ih_l0_scale`, float32 [rows], or [1] for the whole
    weight. Channel groups go: a quantized module isn't pruned any more.
    """
    return LayerTable(
        layers=tuple(
            _quantized(layer, per_channel) if layer.name in chosen else _without_axes(layer)
            for layer in table.layers
        )
    )


def _without_axes(layer: Layer) -> Layer:
    return layer.with_tensors(
        tuple(t.model_copy(update={"axes": ()}) if t.axes else t for t in layer.tensors)
    )


def _quantized(layer: Layer, per_channel: bool) -> Layer:
    tensors, scales = [], []
    for tensor in layer.tensors:
        if len(tensor.shape) < 2:
            tensors.append(tensor)
            continue
        tensors.append(tensor.model_copy(update={"dtype": "int8", "zeros": UNKNOWN}))
        scales.append(
            Tensor(
                name=f"{tensor.name}_scale",
                shape=(tensor.shape[0] if per_channel else 1,),
                dtype="float32",
                role="quantization",
            )
        )
    bare = _without_axes(layer.with_tensors((*tensors, *scales)))
    return bare.model_copy(update={"type": KINDS[layer.type]})
