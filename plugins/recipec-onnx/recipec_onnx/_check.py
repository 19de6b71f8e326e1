"""Compare an ONNX file's outputs in onnxruntime with torch's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.utils._pytree import tree_leaves

from recipec.api import Artifact, DataSamples, RunContext, TensorSpec
from recipec.api.data import open_samples, seeded_batches
from recipec.api.onnx import Comparison, Session, compare
from recipec.api.torch import example_inputs

BATCH = 32


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
    for arrays in seeded_batches(open_samples(data), inputs, samples, batch, context.seed):
        yield tuple(map(torch.from_numpy, arrays))


def compare_with_torch(
    path: Path,
    reference: Callable[..., Any],
    inputs: Iterator[tuple[torch.Tensor, ...]],
    threads: int,
) -> Comparison:
    """Run both on the same inputs, the file with onnxruntime's default optimizations.

    Raises OperatorError when onnxruntime refuses the file, or outputs differ in shape.
    """
    session = Session(path, threads)

    def outputs() -> Iterator[tuple[int, Sequence[Any], Sequence[Any]]]:
        for batch in inputs:
            given = {name: value.numpy() for name, value in zip(session.inputs, batch, strict=True)}
            with torch.no_grad():
                leaves = tree_leaves(reference(*batch))
            wanted = [leaf.numpy() for leaf in leaves if isinstance(leaf, torch.Tensor)]
            yield len(batch[0]), session.run(given), wanted

    return compare(outputs())
