"""Samples: how operators read data. What needs NumPy is imported when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recipec.api.data.shapes import inputs_mismatch

if TYPE_CHECKING:
    from recipec.api.data._samples import (
        ArraySamples,
        Batch,
        Samples,
        digest_samples,
        open_samples,
        seeded_batches,
    )

__all__ = [
    "ArraySamples",
    "Batch",
    "Samples",
    "digest_samples",
    "inputs_mismatch",
    "open_samples",
    "seeded_batches",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from recipec.api.data import _samples

    return getattr(_samples, name)
