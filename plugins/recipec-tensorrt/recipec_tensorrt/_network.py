"""Facts read back from the network that an engine was built from.

The engine itself can't be asked: TensorRT opens one only on a GPU that it is for. Building
translates exactly this network, strongly typed, so its types and shapes are the engine's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from recipec.api import OnnxModel, Precision, Quantization, TensorSpec, Unknown

DTYPES: Final = {
    "FLOAT": "float32",
    "HALF": "float16",
    "BF16": "bfloat16",
    "INT64": "int64",
    "INT32": "int32",
    "INT8": "int8",
    "UINT8": "uint8",
    "INT4": "int4",
    "BOOL": "bool",
}
_FLOATS: Final[dict[str, Precision]] = {"FLOAT": "fp32", "HALF": "fp16", "BF16": "bf16"}
_INTEGERS: Final[dict[str, Precision]] = {"INT8": "int8", "INT4": "int4"}


def input_specs(network: Any, source: OnnxModel) -> tuple[TensorSpec, ...]:
    """Give the network's inputs."""
    tensors = [network.get_input(index) for index in range(network.num_inputs)]
    return tuple(_spec(tensor, source.inputs) for tensor in tensors)


def output_specs(network: Any, source: OnnxModel) -> tuple[TensorSpec, ...]:
    """Give the network's outputs."""
    tensors = [network.get_output(index) for index in range(network.num_outputs)]
    return tuple(_spec(tensor, source.outputs) for tensor in tensors)


def _spec(tensor: Any, source: tuple[TensorSpec, ...] | Unknown) -> TensorSpec:
    known = () if isinstance(source, Unknown) else source
    same = next((spec.shape for spec in known if spec.name == tensor.name), ())
    shape: list[int | str] = []
    for axis, size in enumerate(tensor.shape):
        if size >= 0:
            shape.append(size)
            continue
        # A network remembers names of its inputs' dimensions only: for outputs, the file's.
        name = tensor.get_dimension_name(axis)
        if not name and len(same) == len(tensor.shape) and isinstance(same[axis], str):
            name = same[axis]
        shape.append(name or f"d{axis}")
    return TensorSpec(name=tensor.name, shape=tuple(shape), dtype=dtype(tensor))


def dtype(tensor: Any) -> str:
    """Give a tensor's type by the name that recipec uses."""
    name: str = tensor.dtype.name
    return DTYPES.get(name, name.lower())


@dataclass(frozen=True, slots=True)
class Quantized:
    """A tensor that Q/DQ layers make 8-bit or smaller."""

    dtype: str
    weight: bool
    per_channel: bool


def quantized(network: Any) -> Iterator[Quantized]:
    """Give what the network's Q/DQ layers quantize; a weight may come quantized from the file."""
    constant = set()
    for index in range(network.num_layers):
        layer = network.get_layer(index)
        kind = layer.type.name
        if kind == "CONSTANT":
            constant.add(layer.get_output(0).name)
        elif kind in ("QUANTIZE", "DEQUANTIZE"):
            weight = layer.get_input(0).name in constant
            if kind == "DEQUANTIZE" and not weight:
                continue  # its QUANTIZE layer counts
            small = layer.get_output(0) if kind == "QUANTIZE" else layer.get_input(0)
            scale = layer.get_input(1)
            yield Quantized(small.dtype.name, weight, max(scale.shape, default=1) > 1)


def precision(network: Any, source: OnnxModel) -> Precision:
    """Give the precision that the file says, where the network has what that takes.

    Else it is the type of its Q/DQ pairs, or of its floats.
    """
    small = {_INTEGERS[q.dtype] for q in quantized(network) if q.dtype in _INTEGERS}
    floats = {
        _FLOATS[layer.get_output(index).dtype.name]
        for layer in map(network.get_layer, range(network.num_layers))
        for index in range(layer.num_outputs)
        if layer.get_output(index).dtype.name in _FLOATS
    }
    said = source.precision
    if not isinstance(said, Unknown):
        holds = len(small | floats) > 1 if said == "mixed" else said in small | floats
        if holds and (said == "mixed" or said in small or not small):
            return said
    found = small or floats
    return found.pop() if len(found) == 1 else "mixed"


def quantization(network: Any, source: OnnxModel) -> Quantization | None:
    """Give how activations are quantized, in the source's words where they really are.

    None where they aren't, also of a network whose weights alone are quantized.
    """
    found = list(quantized(network))
    if all(q.weight for q in found):
        return None
    if isinstance(source.quantization, Quantization):
        return source.quantization

    def words(some: list[Quantized]) -> str:
        types = " and ".join(sorted({q.dtype.lower() for q in some}))
        grain = " per channel" if any(q.per_channel for q in some) else ""
        return f"{types} symmetric{grain}" if some else "float"

    return Quantization(
        target="tensorrt",
        weights=words([q for q in found if q.weight]),
        activations=words([q for q in found if not q.weight]),
    )
