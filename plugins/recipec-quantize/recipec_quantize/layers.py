"""Layer tables before and after quantization."""

from __future__ import annotations

from recipec.api import UNKNOWN, Layer, LayerTable, Tensor
from recipec.api.folding import fold_batch_norms, is_transposed


def quantizable(table: LayerTable) -> frozenset[str]:
    """Name the layers that can be quantized: float32 convolutions and linear layers that run.

    Onnxruntime has no integer kernel for transposed convolutions.
    """
    return frozenset(
        layer.name
        for layer in table.layers
        if layer.positions > 0
        and layer.weight is not None
        and layer.weight.dtype == "float32"
        and not is_transposed(layer)
    )


def quantized_table(table: LayerTable, chosen: frozenset[str]) -> LayerTable:
    """Give the table after quantization: batch norms folded, weights of chosen layers int8.

    Such a weight has one float32 scale for each output channel, `weight_scale`; its zero point is 0
    and isn't stored.
    """
    folded = fold_batch_norms(table)
    return folded.model_copy(
        update={
            "layers": tuple(
                _quantized(layer) if layer.name in chosen else layer for layer in folded.layers
            )
        }
    )


def _quantized(layer: Layer) -> Layer:
    weight = layer.weight
    assert weight is not None  # `quantizable` looked
    int8 = weight.model_copy(update={"dtype": "int8", "zeros": UNKNOWN})
    scale = Tensor(
        name="weight_scale", shape=weight.shape[:1], dtype="float32", role="quantization"
    )
    tensors = (int8 if t.name == "weight" else t for t in layer.tensors)
    return layer.model_copy(update={"tensors": (*tensors, scale)})
