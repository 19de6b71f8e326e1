"""Training batches: in a shuffled order, as tensors, with random changes of the images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recipec.api.artifacts import TensorSpec
from recipec.api.data import Samples
from recipec.api.errors import OperatorError
from recipec.api.training._augment import changed_image
from recipec.api.training.length import Length
from recipec.api.training.params import TrainingParams
from recipec.api.training.streams import stream_seed

Array = NDArray[Any]
Inputs = tuple[Tensor, ...]

UNLABELLED: Final = -1
"""The label of a sample that has none."""


class BatchSource(Protocol):
    """What is trained on: samples by their number."""

    def __len__(self) -> int: ...

    def read(self, rows: Sequence[int] | Array) -> tuple[Inputs, Tensor]:
        """Give the model's inputs and the labels [N] (int64; UNLABELLED where there is none)."""
        ...


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads samples as a model's inputs and labels [N], on the CPU.

    With `labelled=False`, labels are left aside, also those that the samples have.
    """

    samples: Samples
    inputs: Sequence[TensorSpec]
    classes: int
    labelled: bool = True

    def __len__(self) -> int:
        return len(self.samples)

    def read(self, rows: Sequence[int] | Array) -> tuple[Inputs, Tensor]:
        """Read these samples. Raises OperatorError when one has no label that the model knows."""
        batch = self.samples.take(rows)
        inputs = tuple(torch.from_numpy(array) for array in batch.ordered(self.inputs))
        if not self.labelled:
            return inputs, torch.full((len(rows),), UNLABELLED)
        if batch.labels is None:
            raise OperatorError("there are samples without labels")
        if (largest := int(batch.labels.max())) >= self.classes or batch.labels.min() < 0:
            raise OperatorError(f"there is a label {largest}; the model has {self.classes} outputs")
        return inputs, torch.from_numpy(batch.labels)


@dataclass(frozen=True, slots=True)
class Pool:
    """Several sources as one: the samples of the first, then those of the next."""

    sources: Sequence[BatchSource]

    def __len__(self) -> int:
        return sum(map(len, self.sources))

    def read(self, rows: Sequence[int] | Array) -> tuple[Inputs, Tensor]:
        """Read these samples, each from its source, in the order that is asked for."""
        wanted, start = np.asarray(rows), 0
        places, inputs, labels = [], [], []
        for source in self.sources:
            (here,) = np.nonzero((wanted >= start) & (wanted < start + len(source)))
            if len(here):
                given, labelled = source.read(wanted[here] - start)
                places.append(torch.from_numpy(here))
                inputs.append(given)
                labels.append(labelled)
            start += len(source)
        back = torch.cat(places).argsort()
        return (
            tuple(torch.cat(parts)[back] for parts in zip(*inputs, strict=True)),
            torch.cat(labels)[back],
        )


def sample_order(seed: int, epoch: int, count: int) -> Tensor:
    """Give the order in which an epoch (from 0) goes through `count` samples."""
    generator = torch.Generator().manual_seed(stream_seed(seed, epoch, "order"))
    return torch.randperm(count, generator=generator)


def training_batches(
    source: BatchSource,
    params: TrainingParams,
    length: Length,
    seed: int,
    epoch: int,
    device: torch.device,
) -> Iterator[tuple[Inputs, Tensor]]:
    """Give the inputs and labels of each step of an epoch (from 0), on the device."""
    order = sample_order(seed, epoch, len(source)).numpy()
    changes = torch.Generator().manual_seed(stream_seed(seed, epoch, "augment"))
    for step in range(length.steps_in(epoch)):
        start = step * params.batch_size
        inputs, labels = source.read(order[start : start + params.batch_size])
        moved = (x.to(device) for x in inputs)
        yield (
            tuple(changed_image(x, params.augment, changes) for x in moved),
            labels.to(device),
        )
