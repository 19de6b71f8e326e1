"""Samples kept as they are stored (a quarter of the memory for bytes), converted when read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recipec.api.data import Batch

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Scaling:
    """(value / divisor − mean) / std, in float32; `divisor` None is 255 for unsigned bytes."""

    divisor: float | None = None
    mean: float = 0.0
    std: float = 1.0

    def __call__(self, values: Array) -> Array:
        """Convert stored values of any number type."""
        if values.dtype == np.uint8:
            # 256 possible values: the table is exact, and quicker than the arithmetic.
            return self._scaled(np.arange(256), self.divisor or 255.0)[values]
        return self._scaled(values, self.divisor or 1.0)

    def _scaled(self, values: Array, divisor: float) -> Array:
        if (divisor, self.mean, self.std) == (1.0, 0.0, 1.0):
            return np.ascontiguousarray(values, dtype=np.float32)
        wide = values.astype(np.float64)
        return ((wide / divisor - self.mean) / self.std).astype(np.float32)


@dataclass(frozen=True, slots=True)
class StoredSamples:
    """`rows` of stored arrays. Arrays that `scaling` doesn't name are given as int64."""

    inputs: Mapping[str, Array]
    labels: Array | None
    scaling: Mapping[str, Scaling]
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, indices: object) -> Batch:
        rows = self.rows[np.asarray(indices, dtype=np.intp)]
        inputs = {
            name: self.scaling[name](values[rows])
            if name in self.scaling
            else values[rows].astype(np.int64)
            for name, values in self.inputs.items()
        }
        return Batch(inputs, None if self.labels is None else self.labels[rows].astype(np.int64))
