"""What a model's precision and quantization scheme are called, in plans and in what is made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
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

DYNAMIC_ACTIVATIONS: Final = "uint8 affine per tensor, at run time"
"""Of dynamic quantization: their range is found anew for each batch."""

DYNAMIC: Final = Quantization(
    target="cpu", weights="int8 symmetric", activations=DYNAMIC_ACTIVATIONS
)

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


def dynamic_scheme(table: LayerTable) -> Quantization:
    """Give the scheme of a model that is quantized at run time, from how its weights are stored."""
    stored = {t.dtype for x in table.layers for t in x.tensors if len(t.shape) > 1}
    weights = [f"{d} {'symmetric' if d == 'int8' else 'affine'}" for d in ("int8", "uint8")]
    present = [text for text in weights if text.partition(" ")[0] in stored]
    return DYNAMIC.model_copy(update={"weights": ", ".join(present) or "float"})


def dynamic_module_scheme(per_channel: Collection[bool]) -> Quantization:
    """Give the scheme of a torch module's dynamic layers: are their scales per channel?"""
    grains = sorted({"channel" if each else "tensor" for each in per_channel})
    grain = f" per {grains[0]}" if len(grains) == 1 else ""
    return DYNAMIC.model_copy(update={"weights": f"int8 symmetric{grain}"})


def has_int4(table: LayerTable) -> bool:
    """Say whether a tensor is of four bits."""
    return any(t.dtype in ("int4", "uint4") for layer in table.layers for t in layer.tensors)


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
