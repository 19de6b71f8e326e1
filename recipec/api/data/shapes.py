"""Whether data fits a model, from facts alone."""

from __future__ import annotations

from collections.abc import Sequence

from recipec.api.artifacts import TensorSpec
from recipec.api.unknown import Unknown


def inputs_mismatch(
    model: Sequence[TensorSpec] | Unknown, data: Sequence[TensorSpec] | Unknown
) -> str | None:
    """Say why samples described by `data` can't be given to a model with these inputs.

    None when they can, and when one of the two isn't known.
    A model's single input takes the data's single array, whatever their names; several are matched
    by name. A dimension that is a name on either side (`N`, the batch) fits any length.
    """
    if isinstance(model, Unknown) or isinstance(data, Unknown):
        return None
    pairs = [(model[0], data[0])] if len(model) == len(data) == 1 else []
    if not pairs:
        offered = {spec.name: spec for spec in data}
        if missing := [spec.name for spec in model if spec.name not in offered]:
            has = ", ".join(offered) or "none"
            return f"the model wants an input {missing[0]!r}; the data's arrays: {has}"
        pairs = [(spec, offered[spec.name]) for spec in model]
    for wanted, given in pairs:
        if wanted.dtype != given.dtype or not shapes_fit(wanted.shape, given.shape):
            return f"the model wants {wanted}, the data has {given}"
    return None


def shapes_fit(wanted: Sequence[int | str], given: Sequence[int | str]) -> bool:
    """Say whether two shapes agree; a dimension that is a name fits any length."""
    return len(wanted) == len(given) and all(
        isinstance(one, str) or isinstance(other, str) or one == other
        for one, other in zip(wanted, given, strict=True)
    )
