"""Layer tables after onnxruntime's static quantization."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from recipec.api import UNKNOWN, Layer, LayerTable, Quantization, Tensor, Unknown
from recipec.api.quantization import SCHEMES, Target

NORMALIZATIONS: Final = frozenset(
    {"BatchNormalization", "InstanceNormalization", "LayerNormalization"}
)
QUANTIZED: Final = NORMALIZATIONS | {
    "Add",
    "ArgMax",
    "AveragePool",
    "Clip",
    "Concat",
    "Conv",
    "ConvTranspose",
    "CumSum",
    "Flatten",
    "Gather",
    "GatherElements",
    "Gemm",
    "GlobalAveragePool",
    "LeakyRelu",
    "MatMul",
    "MaxPool",
    "Mul",
    "Pad",
    "Relu",
    "Reshape",
    "Resize",
    "Sigmoid",
    "Slice",
    "Softmax",
    "Split",
    "Squeeze",
    "TopK",
    "Transpose",
    "Unsqueeze",
    "Where",
}
"""What onnxruntime's static quantizer knows, of ONNX's own operators."""

OPERATORS: Final[Mapping[Target, frozenset[str]]] = {
    "cpu": QUANTIZED - NORMALIZATIONS,
    "tensorrt": frozenset({"Add", "Conv", "ConvTranspose", "Gemm", "MatMul"}),
}
"""What is quantized where the recipe doesn't say. A normalization's weight with a single scale
costs accuracy, and saves nothing."""

_MULTIPLYING: Final = frozenset({"Conv", "ConvTranspose", "Gemm", "MatMul"})
_CONSTANTS: Final = frozenset({"Add", "Concat", "Gather", "Mul"})
"""Operators whose stored tensors are quantized as activations are."""


def quantizable(table: LayerTable, operators: frozenset[str]) -> frozenset[str]:
    """Name the layers that can be quantized: float32 ones of these operators."""
    able = operators & (_MULTIPLYING | _CONSTANTS | NORMALIZATIONS)
    return frozenset(
        layer.name
        for layer in table.layers
        if layer.type in able
        and layer.folds_into is None
        and any(t.role == "parameter" for t in layer.tensors)
        and all(t.dtype == "float32" for t in layer.tensors)
    )


def static_table(
    table: LayerTable,
    chosen: frozenset[str],
    operators: frozenset[str],
    target: Target,
    *,
    per_channel: bool,
) -> LayerTable | Unknown:
    """Give the table after quantization, UNKNOWN where a layer's scales can't be foretold.

    `table` is that of the model with its batch normalizations folded.
    """
    rows: list[Layer] = []
    for layer in table.layers:
        if layer.name not in chosen:
            rows.append(layer)
            continue
        parts = list(_parts(layer, operators, target, per_channel))
        if None in parts:
            return UNKNOWN
        tensors = [tensor for tensor in parts if tensor is not None]
        tensors.sort(key=lambda tensor: tensor.role == "quantization")
        rows.append(layer.model_copy(update={"tensors": tuple(tensors)}))
    return LayerTable(layers=tuple(rows))


def _parts(
    layer: Layer, operators: frozenset[str], target: Target, per_channel: bool
) -> Iterator[Tensor | None]:
    """Give the tensors of a quantized layer, and None for one that can't be foretold."""
    activation = "uint8" if target == "cpu" else "int8"
    channels = _channels(layer) if per_channel and layer.type in _MULTIPLYING else 0
    for tensor in layer.tensors:
        if tensor.role != "parameter":
            yield tensor
        elif channels is None:
            yield None
        elif layer.type in _CONSTANTS:
            yield from _stored(tensor, activation, (), ())
        elif tensor.name == "weight":
            grain = (channels,) if channels else ()
            yield from _stored(tensor, "int8", grain, grain)
        elif layer.type == "MatMul":  # its bias belongs to the Add behind it
            if target == "cpu" and "Add" in operators:
                yield from _stored(tensor, activation, (), ())
            else:
                yield tensor
        elif target == "tensorrt":
            yield tensor  # TensorRT wants float biases
        elif channels and tensor.elements != channels:
            yield None
        else:
            yield from _stored(tensor, "int32", (channels or 1,), (channels,) if channels else ())


def _stored(
    tensor: Tensor, dtype: str, scale: tuple[int, ...], zero_point: tuple[int, ...]
) -> Iterator[Tensor]:
    yield tensor.model_copy(update={"dtype": dtype, "zeros": UNKNOWN})
    for name, shape, kind in (("scale", scale, "float32"), ("zero_point", zero_point, dtype)):
        yield Tensor(name=f"{tensor.name}_{name}", shape=shape, dtype=kind, role="quantization")


def _channels(layer: Layer) -> int | None:
    """Give how many scales a weight has; None where the table doesn't tell."""
    weight = layer.weight
    if weight is None:
        return None
    if layer.type == "Conv":
        return weight.shape[0]
    if layer.type == "ConvTranspose":
        return weight.shape[1]
    if layer.type == "Gemm":
        return gemm_channels(layer)
    return weight.shape[1] if len(weight.shape) == 2 else None


def gemm_channels(layer: Layer) -> int | None:
    """Give how many output channels a Gemm has; None where the table doesn't tell.

    Its weight is [out, in] or [in, out]: which, its bias says where the two differ.
    """
    weight = layer.weight
    if weight is None or len(weight.shape) != 2:
        return None
    if weight.shape[0] == weight.shape[1]:
        return weight.shape[0]
    bias = next((t for t in layer.tensors if t.name == "bias"), None)
    return bias.elements if bias is not None and bias.elements in weight.shape else None


def scheme(table: LayerTable, target: Target) -> Quantization:
    """Describe how a quantized table's weights and activations are stored."""
    texts = set()
    for layer in table.layers:
        scales = {t.name: t for t in layer.tensors if t.role == "quantization"}
        for tensor in layer.tensors:
            scale = scales.get(f"{tensor.name}_scale")
            if scale is None or tensor.dtype == "int32" or tensor.elements == 1:
                continue
            symmetry = "symmetric" if tensor.dtype == "int8" else "affine"
            grain = "channel" if scale.elements > 1 else "tensor"
            texts.add(f"{tensor.dtype} {symmetry} per {grain}")
    return Quantization(
        target=target,
        weights=", ".join(sorted(texts)) or "float",
        activations=SCHEMES[target].activations,
    )
