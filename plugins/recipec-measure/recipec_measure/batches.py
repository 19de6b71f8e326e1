"""The batch size that a model insists on."""

from __future__ import annotations

from recipec.api import Model, Unknown


def fixed_batch(model: Model) -> int | None:
    """Give the batch size that a model's inputs are fixed to, None where it is free or unknown.

    The first dimension of the first input is the batch.
    """
    if isinstance(model.inputs, Unknown) or not model.inputs or not model.inputs[0].shape:
        return None
    first = model.inputs[0].shape[0]
    return first if isinstance(first, int) else None
