"""What a loader returns: samples that are read by index, in batches of NumPy arrays."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from recipec.api.artifacts import Artifact, DataSamples
from recipec.api.data.reference import read_reference

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """Inputs by name, each `[N, …]`, and class labels `[N]` (int64), None where there are none."""

    inputs: Mapping[str, Array]
    labels: Array | None


class Samples(Protocol):
    """Samples by index. `take` gives the same values at every call."""

    def __len__(self) -> int: ...

    def take(self, indices: Sequence[int] | Array) -> Batch: ...


@dataclass(frozen=True, slots=True)
class ArraySamples:
    """Samples that are in memory whole. Raises ValueError when the lengths differ."""

    inputs: Mapping[str, Array]
    labels: Array | None = None

    def __post_init__(self) -> None:
        lengths = {name: len(values) for name, values in self.inputs.items()}
        if self.labels is not None:
            lengths["labels"] = len(self.labels)
        if len(set(lengths.values())) > 1:
            raise ValueError(f"arrays of different lengths: {lengths}")

    def __len__(self) -> int:
        return len(next(iter(self.inputs.values())))

    def take(self, indices: Sequence[int] | Array) -> Batch:
        rows = np.asarray(indices)
        return Batch(
            {name: values[rows] for name, values in self.inputs.items()},
            None if self.labels is None else self.labels[rows],
        )


def open_samples(artifact: Artifact[DataSamples]) -> Samples:
    """Follow a data artifact's reference. Raises what the loader raises."""
    loader, arguments = read_reference(artifact.path)
    module, _, name = loader.partition(":")
    samples: Samples = getattr(importlib.import_module(module), name)(**arguments)
    return samples
