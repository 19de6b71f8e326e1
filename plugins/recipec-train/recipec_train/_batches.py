"""Training batches: in a shuffled order, as tensors, with random changes of the images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from recipec.api import OperatorError, TensorSpec
from recipec.api.data import Samples
from recipec_train._augment import changed_image
from recipec_train.length import Length
from recipec_train.params import FitParams
from recipec_train.streams import stream_seed

Array = NDArray[Any]


def sample_order(seed: int, epoch: int, count: int) -> Tensor:
    """Give the order in which an epoch (from 0) goes through `count` samples."""
    generator = torch.Generator().manual_seed(stream_seed(seed, epoch, "order"))
    return torch.randperm(count, generator=generator)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads samples as a model's inputs and labels [N], on a device."""

    samples: Samples
    inputs: Sequence[TensorSpec]
    classes: int
    device: torch.device

    def __len__(self) -> int:
        return len(self.samples)

    def read(self, rows: Sequence[int] | Array) -> tuple[tuple[Tensor, ...], Tensor]:
        """Read these samples. Raises OperatorError when one has no label that the model knows."""
        batch = self.samples.take(rows)
        if batch.labels is None:
            raise OperatorError("there are samples without labels")
        if (largest := int(batch.labels.max())) >= self.classes or batch.labels.min() < 0:
            raise OperatorError(f"there is a label {largest}; the model has {self.classes} outputs")
        inputs = (torch.from_numpy(array).to(self.device) for array in batch.ordered(self.inputs))
        return tuple(inputs), torch.from_numpy(batch.labels).to(self.device)


def training_batches(
    reader: Reader, params: FitParams, length: Length, seed: int, epoch: int
) -> Iterator[tuple[tuple[Tensor, ...], Tensor]]:
    """Give the inputs and labels of each step of an epoch (from 0)."""
    order = sample_order(seed, epoch, len(reader)).numpy()
    changes = torch.Generator().manual_seed(stream_seed(seed, epoch, "augment"))
    for step in range(length.steps_in(epoch)):
        start = step * params.batch_size
        inputs, labels = reader.read(order[start : start + params.batch_size])
        yield tuple(changed_image(x, params.augment, changes) for x in inputs), labels
