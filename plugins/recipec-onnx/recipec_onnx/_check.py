"""Compare an ONNX file's outputs in onnxruntime with torch's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from torch.utils._pytree import tree_leaves

from recipec.api import (
    Artifact,
    DataSamples,
    Metric,
    OperatorError,
    RunContext,
    TensorSpec,
)
from recipec.api.data import open_samples
from recipec.api.torch import example_inputs

BATCH = 32
AGREEMENT = 0.995
"""The least share of samples on which both must have the same largest output."""
ENOUGH = 200
"""Samples from which that share is asked for: below, one sample alone would fail it."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was found: differences are shares of the range of torch's outputs."""

    samples: int
    difference: float
    agreement: float | None

    def metrics(self) -> tuple[Metric, ...]:
        found = [
            Metric(
                name="check.max_difference",
                value=self.difference,
                unit="share",
                better="lower",
                count=self.samples,
            )
        ]
        if self.agreement is not None:
            found.append(
                Metric(
                    name="check.top1_agreement",
                    value=self.agreement,
                    unit="share",
                    better="higher",
                    count=self.samples,
                )
            )
        return tuple(found)


def batches(
    data: Artifact[DataSamples] | None,
    inputs: Sequence[TensorSpec],
    samples: int,
    context: RunContext,
    batch: int = BATCH,
) -> Iterator[tuple[torch.Tensor, ...]]:
    """Give the inputs to compare on: the first samples of a seeded permutation, or random ones."""
    if data is None:
        for start in range(0, samples, batch):
            yield example_inputs(inputs, min(batch, samples - start), seed=context.seed + start)
        return
    source = open_samples(data)
    rows = np.random.default_rng(context.seed).permutation(len(source))[:samples]
    for start in range(0, len(rows), batch):
        taken = source.take(rows[start : start + batch])
        yield tuple(torch.from_numpy(values) for values in taken.ordered(inputs))


def compare(
    path: Path,
    reference: Callable[..., Any],
    inputs: Iterator[tuple[torch.Tensor, ...]],
    threads: int,
) -> Comparison:
    """Run both on the same inputs, the file with onnxruntime's default optimizations."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_inputs()]
    samples, same, classes = 0, 0, False
    largest = np.zeros(len(session.get_outputs()))
    low, high = np.full_like(largest, np.inf), np.full_like(largest, -np.inf)
    for batch in inputs:
        arrays = {name: value.numpy() for name, value in zip(names, batch, strict=True)}
        made = session.run(None, arrays)
        with torch.no_grad():
            wanted = _flat(reference(*batch))
        samples += len(batch[0])
        for index, (one, other) in enumerate(zip(made, wanted, strict=True)):
            if one.shape != other.shape:
                raise OperatorError(
                    f"the file gives shape {list(one.shape)} where torch gives {list(other.shape)}"
                )
            if not one.size:
                continue
            largest[index] = max(largest[index], np.abs(one.astype(np.float64) - other).max())
            low[index], high[index] = min(low[index], other.min()), max(high[index], other.max())
        classes = wanted[0].ndim == 2 and wanted[0].shape[1] > 1
        if classes:
            same += int((made[0].argmax(1) == wanted[0].argmax(1)).sum())
    spans = np.where(high > low, high - low, 1.0)
    return Comparison(samples, float((largest / spans).max()), same / samples if classes else None)


def _flat(outputs: Any) -> list[NDArray[Any]]:
    """Give the tensors that a module returned, in the order of the file's outputs."""
    return [leaf.numpy() for leaf in tree_leaves(outputs) if isinstance(leaf, torch.Tensor)]
