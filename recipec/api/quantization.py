"""What a model's precision and quantization scheme are called, in plans and in what is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from recipec.api.artifacts import Precision, Quantization
from recipec.api.layers import LayerTable

Target = Literal["cpu", "tensorrt"]

SCHEMES: Final[Mapping[Target, Quantization]] = {
    "cpu": Quantization(
        target="cpu", weights="int8 symmetric per channel", activations="uint8 affine per tensor"
    ),
    "tensorrt": Quantization(
        target="tensorrt",
        weights="int8 symmetric per channel",
        activations="int8 symmetric per tensor",
    ),
}
"""By runtime family: onnxruntime's CPU kernels are fast with affine uint8 activations and slower
than float with symmetric int8 ones, which are all that TensorRT takes."""

_NAMES: Final[Mapping[str, Precision]] = {
    "float32": "fp32",
    "float16": "fp16",
    "bfloat16": "bf16",
    "int8": "int8",
    "uint8": "int8",
    "int4": "int4",
    "uint4": "int4",
}


def scheme_of(activations: Iterable[tuple[str, bool]]) -> Quantization | None:
    """Give the scheme of a model from its activations: (dtype, whether zero points are all 0).

    None where no activation is quantized.
    """
    found = set(activations)
    if not found:
        return None
    return SCHEMES["tensorrt" if found == {("int8", True)} else "cpu"]


def precision_of(table: LayerTable) -> Precision:
    """Give the one type of all weights, or "mixed".

    Weights are the parameters of two or more dimensions: what biases and normalizations are kept in
    doesn't count. A table without any is "fp32".
    """
    found = {
        _NAMES.get(tensor.dtype, "mixed")
        for layer in table.layers
        for tensor in layer.tensors
        if tensor.role == "parameter" and len(tensor.shape) > 1
    }
    return "fp32" if not found else found.pop() if len(found) == 1 else "mixed"
