"""Layer tables before and after weight-only quantization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from recipec.api import UNKNOWN, Layer, LayerTable, Tensor
from recipec.api.folding import fold_batch_norms
from recipec_quantize.layers import quantizable


class WeightScheme(NamedTuple):
    """How a weight is stored: its type, and how many neighbours share a scale (0: a row does)."""

    dtype: Literal["int8", "int4", "uint4"]
    group: int = 0


INT8: Final = WeightScheme("int8")


def weighted(table: LayerTable) -> frozenset[str]:
    """Name the layers that can have int8 weights: those with products, and embeddings."""
    return quantizable(table) | {
        layer.name
        for layer in table.layers
        if is_embedding(layer) and layer.weight and layer.weight.dtype == "float32"
    }


def is_embedding(layer: Layer) -> bool:
    """Say whether a row is a table that rows are looked up in."""
    return layer.type == "Embedding"


def takes_groups(layer: Layer, group: int) -> bool:
    """Say whether groups of neighbours divide the rows of a layer's weight, [rows, columns].

    An embedding is looked up row by row, which packed tensors of ONNX can't be.
    """
    shape = layer.weight.shape if layer.weight else ()
    return len(shape) == 2 and not is_embedding(layer) and shape[1] % group == 0


def compressed_table(table: LayerTable, schemes: Mapping[str, WeightScheme]) -> LayerTable:
    """Give the table after quantization: batch norms folded, weights of chosen layers compressed.

    Beside such a weight stand its float32 scales, `weight_scale`: [rows], of an embedding [rows,
    1], or [rows, groups]; and for uint4 the int8 `weight_zero_point` [rows, groups].
    """
    return LayerTable(
        layers=tuple(
            _compressed(layer, schemes[layer.name]) if layer.name in schemes else layer
            for layer in fold_batch_norms(table).layers
        )
    )


def _compressed(layer: Layer, scheme: WeightScheme) -> Layer:
    weight = layer.weight
    assert weight is not None  # `weighted` looked
    rows, columns = weight.shape[0], weight.shape[-1]
    shape: tuple[int, ...] = (rows, 1) if is_embedding(layer) else (rows,)
    if scheme.group:
        shape = (rows, columns // scheme.group)
    stored = weight.model_copy(update={"dtype": scheme.dtype, "zeros": UNKNOWN})
    tensors = [stored if t.name == "weight" else t for t in layer.tensors]
    tensors.append(Tensor(name="weight_scale", shape=shape, dtype="float32", role="quantization"))
    if scheme.dtype == "uint4":
        tensors.append(
            Tensor(name="weight_zero_point", shape=shape, dtype="int8", role="quantization")
        )
    return layer.model_copy(update={"tensors": tuple(tensors)})
