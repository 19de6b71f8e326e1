"""How much each residual block changes its input, on samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from recipec.api import Artifact, DataSamples, OperatorError, TensorSpec
from recipec.api.data import open_samples, seeded_batches

Measure = Literal["relative_norm", "cosine"]
_TINY = 1e-12


def influences(
    module: nn.Module,
    blocks: Sequence[str],
    data: Artifact[DataSamples],
    specs: Sequence[TensorSpec],
    *,
    samples: int,
    batch_size: int,
    measure: Measure,
    seed: int,
) -> dict[str, float]:
    """Give for each block the mean change of its input over samples, in eval mode.

    Raises OperatorError when a block gives something that isn't finite.
    """
    watched = {name: _Watched(measure) for name in blocks}
    handles = []
    for name, one in watched.items():
        child = module.get_submodule(name)
        handles.append(child.register_forward_pre_hook(one.before))
        handles.append(child.register_forward_hook(one.after))
    try:
        with torch.no_grad():
            for arrays in seeded_batches(open_samples(data), specs, samples, batch_size, seed):
                module(*map(torch.from_numpy, arrays))
    finally:
        for handle in handles:
            handle.remove()
    found = {name: one.mean for name, one in watched.items()}
    for name, value in found.items():
        if not np.isfinite(value):
            raise OperatorError(f"what {name} gives on these samples isn't finite")
    return found


def change(before: Tensor, after: Tensor, measure: Measure) -> Tensor:
    """Give how much f(x) differs from x, for each sample [N, …], or each token of [N, T, D].

    `relative_norm` is ‖f(x) − x‖ / ‖x‖; `cosine` is 1 − cos(x, f(x)), the block influence of Men et
    al., 2024, eq. 1, before the mean over tokens.
    """
    rows = before.dim() - 1 if before.dim() == 3 else 1
    x, y = (tensor.double().flatten(rows).flatten(0, rows - 1) for tensor in (before, after))
    if measure == "cosine":
        return 1 - nn.functional.cosine_similarity(x, y, dim=1, eps=_TINY)
    norms: tuple[Tensor, Tensor] = ((y - x).norm(dim=1), x.norm(dim=1))
    return norms[0] / norms[1].clamp_min(_TINY)


class _Watched:
    """Sums up what a block changes, batch by batch."""

    def __init__(self, measure: Measure) -> None:
        self.measure = measure
        self.total, self.count = 0.0, 0
        self.given: Tensor | None = None

    def before(self, block: nn.Module, arguments: tuple[Any, ...]) -> None:
        self.given = arguments[0].clone()  # the block may overwrite its input

    def after(self, block: nn.Module, arguments: tuple[Any, ...], output: Tensor) -> None:
        assert self.given is not None
        found = change(self.given, output, self.measure)
        self.total += float(found.sum())
        self.count += found.numel()
        self.given = None

    @property
    def mean(self) -> float:
        return self.total / self.count if self.count else float("nan")
