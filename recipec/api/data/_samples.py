"""What a loader returns: samples that are read by index, in batches of NumPy arrays."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from recipec.api.artifacts import Artifact, DataSamples, TensorSpec
from recipec.api.data.reference import read_reference
from recipec.api.data.shapes import shapes_fit
from recipec.api.errors import OperatorError
from recipec.api.unknown import Unknown

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """Inputs by name, each `[N, …]`, and class labels `[N]` (int64), None where there are none."""

    inputs: Mapping[str, Array]
    labels: Array | None

    def ordered(self, inputs: Sequence[TensorSpec]) -> tuple[Array, ...]:
        """Give the arrays in the order of a model's inputs, as it is called.

        A model's single input takes the single array, whatever their names; several are matched by
        name. Raises KeyError when an array isn't there (`inputs_mismatch` says so beforehand).
        """
        if len(inputs) == len(self.inputs) == 1:
            return tuple(self.inputs.values())
        return tuple(self.inputs[spec.name] for spec in inputs)


@runtime_checkable
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
        if not lengths:
            raise ValueError("samples need at least one array")
        if self.labels is not None:
            lengths["labels"] = len(self.labels)
        if len(set(lengths.values())) > 1:
            raise ValueError(f"arrays of different lengths: {lengths}")

    def __len__(self) -> int:
        return len(next(iter(self.inputs.values())))

    def take(self, indices: Sequence[int] | Array) -> Batch:
        rows = np.asarray(indices, dtype=np.intp)
        return Batch(
            {name: values[rows] for name, values in self.inputs.items()},
            None if self.labels is None else self.labels[rows],
        )


def digest_samples(samples: Samples, batch_size: int = 256) -> str:
    """Give the sha256 of all samples: names, types, shapes and bytes, labels included."""
    digest = hashlib.sha256()
    for start in range(0, len(samples), batch_size):
        batch = samples.take(range(start, min(start + batch_size, len(samples))))
        arrays = dict(batch.inputs) | ({} if batch.labels is None else {"labels": batch.labels})
        for name, values in arrays.items():
            digest.update(f"{name} {values.dtype.str} {values.shape}".encode())
            digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def open_samples(artifact: Artifact[DataSamples]) -> Samples:
    """Follow a data artifact's reference.

    Raises what the loader raises, and OperatorError when its samples aren't those that were
    planned (another count, other shapes, labels missing): the plan would be about other data.
    """
    loader, arguments = read_reference(artifact.path)
    module, _, name = loader.partition(":")
    samples: Samples = getattr(importlib.import_module(module), name)(**arguments)
    _check(samples, artifact.facts)
    return samples


def seeded_batches(
    samples: Samples, inputs: Sequence[TensorSpec], count: int, batch_size: int, seed: int
) -> Iterator[tuple[Array, ...]]:
    """Give `count` samples in a seeded random order, all where there are fewer, batch by batch.

    The arrays of a batch are in the order of `inputs`, as a model is called with them.
    """
    rows = np.random.default_rng(seed).permutation(len(samples))[:count]
    for start in range(0, len(rows), batch_size):
        batch = samples.take(rows[start : start + batch_size])
        yield tuple(map(np.ascontiguousarray, batch.ordered(inputs)))


def _check(samples: Samples, planned: DataSamples) -> None:
    if not isinstance(planned.count, Unknown) and len(samples) != planned.count:
        raise OperatorError(f"planned {planned.count} samples, found {len(samples)}")
    if not len(samples):
        raise OperatorError("there are no samples")
    first = samples.take([0])
    if not isinstance(planned.inputs, Unknown):
        found = tuple(
            TensorSpec(name=name, shape=("N", *values.shape[1:]), dtype=values.dtype.name)
            for name, values in first.inputs.items()
        )
        if len(found) != len(planned.inputs) or not all(map(_agree, planned.inputs, found)):
            texts = ["; ".join(map(str, specs)) for specs in (planned.inputs, found)]
            raise OperatorError(f"planned samples {texts[0]}, found {texts[1]}")
    if not isinstance(planned.classes, Unknown) and (planned.classes is None) != (
        first.labels is None
    ):
        with_labels = "without" if planned.classes is None else "with"
        raise OperatorError(f"planned samples {with_labels} labels, found the opposite")


def _agree(planned: TensorSpec, found: TensorSpec) -> bool:
    return (planned.name, planned.dtype) == (found.name, found.dtype) and shapes_fit(
        planned.shape, found.shape
    )
