"""Layer tables before and after quantization."""

from __future__ import annotations

from recipec.api import UNKNOWN, Layer, LayerTable, OperatorError, Tensor
from recipec.api.folding import fold_batch_norms, foldable_norms, is_transposed


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


def refuse_shared(table: LayerTable, chosen: frozenset[str]) -> None:
    """Raise OperatorError at ("exclude",) when a chosen layer shares a tensor with another one.

    What several layers own can't be quantized for one of them.
    """
    for layer in table.layers:
        for tensor in layer.tensors:
            if tensor.shared_with and chosen & {layer.name, *tensor.shared_with}:
                others = " and ".join(tensor.shared_with)
                names = ", ".join((layer.name, *tensor.shared_with))
                raise OperatorError(
                    f"{layer.name} and {others} share one {tensor.name}, which can't be quantized "
                    "for one layer only",
                    at=("exclude",),
                    hint=f"these stay in float with exclude: [{names}]",
                )


def int8_effects(
    table: LayerTable, chosen: frozenset[str], weight_bits: int, activation_bits: int
) -> tuple[str, ...]:
    """Say what becomes of a model's layers, in sentences for a reviewer."""
    effects = [f"{len(chosen)} of {len(quantizable(table))} convolutions and linear layers → int8"]
    for what, bits, levels in (
        ("weights", weight_bits, 2**weight_bits - 1),
        ("activations", activation_bits, 2**activation_bits),
    ):
        if bits < 8:
            effects.append(f"{what} have {levels} levels ({bits} bits), stored in 8 bits")
    if folded := len(foldable_norms(table)):
        effects.append(f"{folded} batch normalizations fold into the layers before them")
    return tuple(effects)
