"""Tensors that fit input specifications, for tracing."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from recipec.api.artifacts import TensorSpec
from recipec.api.errors import OperatorError

BATCH = "N"


def dtype_of(name: str) -> torch.dtype:
    """Give torch's dtype of a name such as "float32". Raises OperatorError on another name."""
    dtype = getattr(torch, name, None)
    if not isinstance(dtype, torch.dtype):
        raise OperatorError(f"torch has no dtype {name!r}")
    return dtype


def dtype_name(dtype: torch.dtype) -> str:
    """Give a dtype's name, "float32" for `torch.float32`."""
    return str(dtype).removeprefix("torch.")


def example_inputs(
    inputs: Sequence[TensorSpec], batch: int = 2, seed: int = 0, device: str = "cpu"
) -> tuple[Tensor, ...]:
    """Give tensors of these shapes with `batch` for the dimension "N".

    Floats are standard normal; integers and booleans are ones, which serve as token ids and masks.
    Raises OperatorError on a free dimension other than "N" and on an unknown dtype.
    """
    generator = torch.Generator().manual_seed(seed)
    made = []
    for spec in inputs:
        shape = []
        for size in spec.shape:
            if size != BATCH and isinstance(size, str):
                raise OperatorError(
                    f"input {spec.name!r} has the free dimension {size!r}",
                    hint=f"only the batch, {BATCH}, may be free; write a number",
                )
            shape.append(batch if isinstance(size, str) else size)
        dtype = dtype_of(spec.dtype)
        if device == "meta":
            made.append(torch.empty(shape, dtype=dtype, device=device))
        elif dtype.is_floating_point or dtype.is_complex:
            made.append(torch.randn(shape, generator=generator).to(dtype))
        else:
            made.append(torch.ones(shape, dtype=dtype))
    return tuple(made)
