"""The rows of recurrent layers in an ONNX file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from recipec.api import UNKNOWN, Layer, Tensor, Unknown

_OPERATORS: Final = {"GRU", "LSTM", "RNN"}
_PARTS: Final = {"weight_ih_l0": "weight", "weight_hh_l0": "recurrence"}
_BIASES: Final = ("bias_ih_l0", "bias_hh_l0")


def recurrent_row(layer: Layer) -> Layer | None:
    """Give the row of a recurrent layer that is one node, None for any other layer.

    ONNX holds one matrix for each direction, in another order of gates ([directions, gates ·
    hidden, …]), and torch's two biases one behind the other. A stack of several is several nodes,
    and one with projections none that ONNX has.
    """
    tensors = {tensor.name: tensor for tensor in layer.tensors}
    directions = ("", "_reverse") if "weight_ih_l0_reverse" in tensors else ("",)
    biased = "bias_ih_l0" in tensors
    wanted = {f"{part}{d}" for part in (*_PARTS, *(_BIASES if biased else ())) for d in directions}
    if layer.type not in _OPERATORS or set(tensors) != wanted:
        return None
    made = [
        _stacked(name, [tensors[f"{part}{direction}"] for direction in directions])
        for part, name in _PARTS.items()
    ]
    if biased:
        vectors = [tensors[f"{part}{d}"] for part in _BIASES for d in directions]
        length = sum(vector.elements for vector in vectors) // len(directions)
        bias = _stacked("bias", vectors)
        made.append(bias.model_copy(update={"shape": (len(directions), length)}))
    return layer.model_copy(update={"tensors": tuple(made)})


def _stacked(name: str, tensors: Sequence[Tensor]) -> Tensor:
    counts = [tensor.zeros for tensor in tensors]
    known = [count for count in counts if not isinstance(count, Unknown)]
    shape = (len(tensors), *tensors[0].shape)
    zeros = sum(known) if len(known) == len(counts) else UNKNOWN
    return Tensor(name=name, shape=shape, dtype=tensors[0].dtype, zeros=zeros)
