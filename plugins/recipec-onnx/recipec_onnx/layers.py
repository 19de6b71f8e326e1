"""The layer table of an ONNX file, from that of the torch model it is exported from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from recipec.api import UNKNOWN, Layer, LayerTable, Tensor, Unknown
from recipec.api.folding import fold_batch_norms, is_transposed
from recipec_onnx.recurrent_layers import recurrent_row

_BATCH_NORM: Final = ("weight", "bias", "running_mean", "running_var")
_OTHERS: Final[Mapping[str, tuple[str, Sequence[str]]]] = {
    "LayerNorm": ("LayerNormalization", ("weight", "bias")),
    "LayerNorm2d": ("LayerNormalization", ("weight", "bias")),
    "Embedding": ("Gather", ("weight",)),  # of a quantized one, its scales are looked up too
}
"""By torch type: ONNX operator and tensors, for layers without multiply-adds."""


def exported_table(table: LayerTable, *, weight_only: bool = False) -> LayerTable | Unknown:
    """Give the rows that the ONNX file will have, UNKNOWN where that can't be told.

    Known are convolutions, linear layers, batch and layer normalizations, embeddings, and recurrent
    layers that aren't stacked. Of other layers the exporter makes several nodes, depending on more
    than a table says; and of layers that don't run (an auxiliary head) nothing is left in the file.
    `weight_only` says that activations are float, also where weights aren't.
    """
    folded = fold_batch_norms(table).layers
    rows = [_row(_with_four_bits(_alone(layer)), weight_only) for layer in folded]
    known = tuple(row for row in rows if row is not None)
    stored = {t.dtype for row in known for t in row.tensors if t.name == "weight"}
    recurrent = any(row.type in ("GRU", "LSTM", "RNN") for row in known)
    if weight_only and recurrent and stored & {"int8", "int4"}:
        return UNKNOWN  # shape inference can't follow a MatMul behind a recurrent layer
    return LayerTable(layers=known) if len(known) == len(rows) else UNKNOWN


def _alone(layer: Layer) -> Layer:
    """Forget who shares a tensor: an ONNX file has one initializer, and no owners."""
    return layer.with_tensors(
        tuple(
            t.model_copy(update={"shared_with": ()}) if t.shared_with else t for t in layer.tensors
        )
    )


def _with_four_bits(layer: Layer) -> Layer:
    """Give zero points the type of their weight's codes, as ONNX wants them."""
    weight = layer.weight
    if weight is None or weight.dtype != "uint4":
        return layer
    return layer.with_tensors(
        tuple(
            t.model_copy(update={"dtype": "uint4"}) if t.name == "weight_zero_point" else t
            for t in layer.tensors
        )
    )


def _row(layer: Layer, weight_only: bool) -> Layer | None:
    names = {tensor.name for tensor in layer.tensors if tensor.role != "quantization"}
    if layer.positions:
        return _multiplying(layer, weight_only) if names <= {"weight", "bias"} else None
    if "BatchNorm" in layer.type and names == {*_BATCH_NORM, "num_batches_tracked"}:
        return _made(layer, "BatchNormalization", _BATCH_NORM)
    operator, wanted = _OTHERS.get(layer.type, ("", ()))
    if not operator:
        return recurrent_row(layer)
    return _made(layer, operator, wanted) if names == set(wanted) else None


def _made(layer: Layer, operator: str, names: Sequence[str]) -> Layer:
    tensors = tuple(t for t in layer.tensors if t.name in names or t.role == "quantization")
    return layer.model_copy(update={"type": operator, "tensors": tensors})


def _multiplying(layer: Layer, weight_only: bool) -> Layer | None:
    """Give the row of a convolution or linear layer.

    A linear layer applied once to a sample is a Gemm, which holds the weight as torch does; on a
    sequence it is a MatMul, which holds it transposed, and so is one whose weight is dequantized
    for float activations: onnxruntime fuses that with a MatMul only.
    """
    weight = layer.weight
    if weight is None:
        return None
    if len(weight.shape) > 2:
        operator = "ConvTranspose" if is_transposed(layer) else "Conv"
        return layer.model_copy(update={"type": operator})
    if layer.positions == 1 and not (weight_only and is_integer(weight)):
        return layer.model_copy(update={"type": "Gemm"})
    return layer.model_copy(
        update={"type": "MatMul", "tensors": tuple(map(_transposed, layer.tensors))}
    )


def is_integer(weight: Tensor) -> bool:
    """Say whether a weight is stored as integers."""
    return "int" in weight.dtype


def _transposed(tensor: Tensor) -> Tensor:
    if len(tensor.shape) != 2:
        return tensor
    return tensor.model_copy(update={"shape": tensor.shape[::-1]})
