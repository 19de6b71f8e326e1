"""Observers: how the range of an activation is found from calibration samples."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from recipec.api import OperatorError
from recipec_quantize._torchao import (
    HistogramObserver,
    MinMaxObserver,
    MovingAverageMinMaxObserver,
)


class PercentileObserver(MinMaxObserver):  # type: ignore[misc]
    """Takes the range from the (100 - p)th to the pth percentile of all values seen.

    A few outliers then don't widen the steps of everything else (Wu et al., "Integer Quantization
    for Deep Learning Inference", arXiv:2004.09602, §3.4). Percentiles are read off a histogram
    of 8192 bins, which is re-binned when later values lie outside of it.
    """

    bins = 8192

    def __init__(self, percentile: float, **options: Any) -> None:
        super().__init__(**options)
        self.share = percentile / 100
        self.register_buffer("counts", torch.zeros(self.bins, dtype=torch.float64))

    def forward(self, x_orig: Tensor) -> Tensor:
        before = float(self.min_val), float(self.max_val)
        super().forward(x_orig)
        counts = self._histogram(x_orig.detach().flatten().double())
        if self.counts.any():
            counts += self._histogram(_centers(*before, self.bins), self.counts)
        self.counts.copy_(counts)
        return x_orig

    def _histogram(self, values: Tensor, weights: Tensor | None = None) -> Tensor:
        low, high = float(self.min_val), float(self.max_val)
        if low == high:
            high = low + 1.0  # one value only: all of it falls into the first bin
        return torch.histogram(values, bins=self.bins, range=(low, high), weight=weights).hist

    def calculate_qparams(self) -> tuple[Tensor, Tensor]:
        below = torch.cumsum(self.counts, 0) / self.counts.sum()
        low, high = self.min_val.double(), self.max_val.double()
        width = (high - low) / self.bins
        first = int((below <= 1 - self.share).sum())
        last = int((below < self.share).sum())
        found: tuple[Tensor, Tensor] = self._calculate_qparams(
            (low + width * first).float(), (low + width * min(last + 1, self.bins)).float()
        )
        return found


def _centers(low: float, high: float, bins: int) -> Tensor:
    width = (high - low) / bins
    return low + width * (torch.arange(bins, dtype=torch.float64) + 0.5)


def observer(name: str, percentile: float) -> Any:
    """Give the constructor of an observer, as a `QuantizationSpec` takes it."""
    match name:
        case "minmax":
            return MinMaxObserver
        case "moving_average":
            return MovingAverageMinMaxObserver
        case "histogram":
            return HistogramObserver
        case "percentile":
            return PercentileObserver.with_args(percentile=percentile)
    raise OperatorError(f"no observer {name!r}", at=("observer",))
