"""Calibration samples, in a seeded order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from recipec.api import Artifact, DataSamples, RunContext, TensorSpec
from recipec.api.data import open_samples, seeded_batches


def calibration_batches(
    data: Artifact[DataSamples],
    inputs: Sequence[TensorSpec],
    samples: int,
    batch_size: int,
    context: RunContext,
) -> Iterator[tuple[torch.Tensor, ...]]:
    """Give the first `samples` samples of a seeded permutation, as a module is called with them."""
    source = open_samples(data)
    count, seen = min(samples, len(source)), 0
    for arrays in seeded_batches(source, inputs, samples, batch_size, context.seed):
        context.progress(seen, count, f"calibrating, {count} samples")
        yield tuple(map(torch.from_numpy, arrays))
        seen += len(arrays[0])
    context.progress(count, count, f"calibrated with {count} samples")
