"""Draw random samples when they are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from recipec.api.data import Batch, Samples


@dataclass(frozen=True, slots=True)
class RandomSamples:
    """Each sample has a generator of its own, seeded by its index: any can be read alone."""

    inputs: Mapping[str, Mapping[str, Any]]
    count: int
    classes: int | None
    seed: int

    def __len__(self) -> int:
        return self.count

    def take(self, indices: object) -> Batch:
        rows = np.arange(self.count)[np.asarray(indices, dtype=np.intp)]
        inputs = {
            name: np.empty((len(rows), *array["shape"][1:]), array["dtype"])
            for name, array in self.inputs.items()
        }
        labels = None if self.classes is None else np.empty(len(rows), np.int64)
        for place, row in enumerate(rows):
            generator = np.random.default_rng((self.seed, int(row)))
            if labels is not None and self.classes is not None:
                labels[place] = generator.integers(self.classes)
            for name, values in inputs.items():
                shape = values.shape[1:]
                if values.dtype == np.float32:
                    values[place] = generator.standard_normal(shape, np.float32)
                else:
                    values[place] = generator.integers(self.inputs[name]["below"], size=shape)
        return Batch(inputs, labels)


def load(
    inputs: Mapping[str, Mapping[str, Any]], count: int, classes: int | None, seed: int
) -> Samples:
    """Open random samples."""
    return RandomSamples(inputs, count, classes, seed)
