"""What the plan knows of zeros after training."""

from __future__ import annotations

from recipec.api.layers import LayerTable, Tensor
from recipec.api.training.params import TrainingParams
from recipec.api.unknown import UNKNOWN, Unknown


def trained_layers(params: TrainingParams, layers: LayerTable | Unknown) -> LayerTable | Unknown:
    """Give the table after training: the zeros that `keep_zeros` holds, and no other count."""
    if isinstance(layers, Unknown):
        return UNKNOWN
    return layers.with_layers(
        tuple(
            layer.with_tensors(
                tuple(
                    tensor if params.keep_zeros and is_held(tensor) else tensor.without_zeros()
                    for tensor in layer.tensors
                )
            )
            for layer in layers.layers
        )
    )


def is_held(tensor: Tensor) -> bool:
    """Say whether `keep_zeros` holds zeros of this tensor: as `_masks.keep_zeros` does."""
    return (
        tensor.role == "parameter"
        and len(tensor.shape) > 1
        and not isinstance(tensor.zeros, Unknown)
        and 0 < tensor.zeros < tensor.elements
    )
