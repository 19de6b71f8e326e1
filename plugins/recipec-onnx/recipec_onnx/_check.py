"""Compare an ONNX file's outputs in onnxruntime with torch's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

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


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was found. Differences are shares of the range of torch's outputs.

    `mean` is the root of the mean square. `shortfalls` say for each sample how far below torch's
    largest output the one is that is largest in onnxruntime: 0 where it is the same one. They are
    None where outputs aren't scores of classes ([N, classes]).
    """

    samples: int
    largest: float
    mean: float
    shortfalls: NDArray[Any] | None

    def agreement(self, tolerance: float = 0.0) -> float | None:
        """Give the share of samples with the same largest output, or one as large but for this."""
        return None if self.shortfalls is None else float((self.shortfalls <= tolerance).mean())

    def metrics(self) -> tuple[Metric, ...]:
        """Give the findings as metrics."""
        found: list[tuple[str, float, Literal["lower", "higher"]]] = [
            ("max_difference", self.largest, "lower"),
            ("rms_difference", self.mean, "lower"),
        ]
        if (agreement := self.agreement()) is not None:
            found.append(("top1_agreement", agreement, "higher"))
        return tuple(
            Metric(
                name=f"check.{name}", value=value, unit="share", better=better, count=self.samples
            )
            for name, value, better in found
        )


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
    samples = 0
    shortfalls: list[NDArray[Any]] = []
    spreads = [_Spread() for _ in session.get_outputs()]
    for batch in inputs:
        arrays = {name: value.numpy() for name, value in zip(names, batch, strict=True)}
        made = session.run(None, arrays)
        with torch.no_grad():
            wanted = _flat(reference(*batch))
        for spread, one, other in zip(spreads, made, wanted, strict=True):
            if one.shape != other.shape:
                raise OperatorError(
                    f"the file gives shape {list(one.shape)} where torch gives {list(other.shape)}"
                )
            spread.see(one.astype(np.float64), other.astype(np.float64))
        samples += len(batch[0])
        scores = wanted[0]
        if scores.ndim == 2 and scores.shape[1] > 1:
            chosen = np.take_along_axis(scores, made[0].argmax(1)[:, None], 1)[:, 0]
            shortfalls.append(scores.max(1) - chosen)
    return Comparison(
        samples,
        max(spread.largest / spread.range for spread in spreads),
        max(spread.mean / spread.range for spread in spreads),
        np.concatenate(shortfalls) / spreads[0].range if shortfalls else None,
    )


class _Spread:
    """Differences of one output, and the range of torch's values, over all batches."""

    def __init__(self) -> None:
        self.largest = self.squares = 0.0
        self.count = 0
        self.low, self.high = np.inf, -np.inf

    def see(self, made: NDArray[Any], wanted: NDArray[Any]) -> None:
        if wanted.size:
            difference = np.abs(made - wanted)
            self.largest = float(np.maximum(self.largest, difference.max()))  # keeps a NaN
            self.squares += float((difference**2).sum())
            self.count += wanted.size
            self.low, self.high = min(self.low, wanted.min()), max(self.high, wanted.max())

    @property
    def mean(self) -> float:
        return float(np.sqrt(self.squares / max(self.count, 1)))

    @property
    def range(self) -> float:
        return float(self.high - self.low) if self.high > self.low else 1.0


def _flat(outputs: Any) -> list[NDArray[Any]]:
    """Give the tensors that a module returned, in the order of the file's outputs."""
    return [leaf.numpy() for leaf in tree_leaves(outputs) if isinstance(leaf, torch.Tensor)]
