"""The layer table of an ONNX file, from that of the torch model it is exported from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from recipec.api import UNKNOWN, Layer, LayerTable, Tensor, Unknown
from recipec.api.folding import fold_batch_norms, is_transposed

_BATCH_NORM: Final = ("weight", "bias", "running_mean", "running_var")
_OTHERS: Final[Mapping[str, tuple[str, Sequence[str]]]] = {
    "LayerNorm": ("LayerNormalization", ("weight", "bias")),
    "LayerNorm2d": ("LayerNormalization", ("weight", "bias")),
    "Embedding": ("Gather", ("weight",)),
}
"""By torch type: ONNX operator and tensors, for layers without multiply-adds."""


def exported_table(table: LayerTable) -> LayerTable | Unknown:
    """Give the rows that the ONNX file will have, UNKNOWN where that can't be told.

    Known are convolutions, linear layers, batch and layer normalizations, and embeddings. Of other
    layers the exporter makes several nodes, depending on more than a table says; and of layers that
    don't run (an auxiliary head) nothing is left in the file.
    """
    rows = [_row(layer) for layer in fold_batch_norms(table).layers]
    known = tuple(row for row in rows if row is not None)
    return LayerTable(layers=known) if len(known) == len(rows) else UNKNOWN


def _row(layer: Layer) -> Layer | None:
    names = {tensor.name for tensor in layer.tensors}
    if layer.positions:
        return _multiplying(layer) if names <= {"weight", "bias", "weight_scale"} else None
    if "BatchNorm" in layer.type and names == {*_BATCH_NORM, "num_batches_tracked"}:
        return _made(layer, "BatchNormalization", _BATCH_NORM)
    operator, wanted = _OTHERS.get(layer.type, ("", ()))
    return _made(layer, operator, wanted) if operator and names == set(wanted) else None


def _made(layer: Layer, operator: str, names: Sequence[str]) -> Layer:
    tensors = tuple(t for t in layer.tensors if t.name in names)
    return layer.model_copy(update={"type": operator, "tensors": tensors})


def _multiplying(layer: Layer) -> Layer | None:
    """Give the row of a convolution or linear layer.

    A linear layer applied once to a sample is a Gemm, which holds the weight as torch does; on a
    sequence it is a MatMul, which holds it transposed.
    """
    weight = layer.weight
    if weight is None:
        return None
    if len(weight.shape) > 2:
        operator = "ConvTranspose" if is_transposed(layer) else "Conv"
        return layer.model_copy(update={"type": operator})
    if layer.positions == 1:
        return layer.model_copy(update={"type": "Gemm"})
    return layer.model_copy(
        update={"type": "MatMul", "tensors": tuple(map(_transposed, layer.tensors))}
    )


def _transposed(tensor: Tensor) -> Tensor:
    if tensor.name != "weight":
        return tensor
    return tensor.model_copy(update={"shape": tensor.shape[::-1]})
