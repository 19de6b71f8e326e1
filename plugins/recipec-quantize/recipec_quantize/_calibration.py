"""Calibration samples, in a seeded order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from recipec.api import Artifact, DataSamples, RunContext, TensorSpec
from recipec.api.data import open_samples


def calibration_batches(
    data: Artifact[DataSamples],
    inputs: Sequence[TensorSpec],
    samples: int,
    batch_size: int,
    context: RunContext,
) -> Iterator[tuple[torch.Tensor, ...]]:
    """Give the first `samples` samples of a seeded permutation, as a module is called with them."""
    source = open_samples(data)
    rows = np.random.default_rng(context.seed).permutation(len(source))[:samples]
    for start in range(0, len(rows), batch_size):
        context.progress(start, len(rows), f"calibrating, {len(rows)} samples")
        batch = source.take(rows[start : start + batch_size])
        yield tuple(torch.from_numpy(values) for values in batch.ordered(inputs))
    context.progress(len(rows), len(rows), f"calibrated with {len(rows)} samples")
