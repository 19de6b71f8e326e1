"""Set whole channels to zero, by their norm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.utils import prune as torch_prune

from recipec.api import Artifact, LayerTable, Metric, RunContext, StageResult, TorchModule
from recipec_prune._masking import set_to_zero
from recipec_prune.masks import Decided

if TYPE_CHECKING:
    from recipec_prune.structured import Structured


def prune(operator: Structured, model: Artifact[TorchModule], context: RunContext) -> StageResult:
    """Prune the module at `model.path`, layer by layer. Raises OperatorError."""
    n: float = float("inf") if operator.with_.n == "inf" else operator.with_.n
    dim = operator.with_.dim

    def keep(
        table: LayerTable, decided: Decided, weights: Mapping[str, Tensor]
    ) -> Mapping[str, Tensor]:
        return {
            name: keep_channels(weight, decided.wanted[name], n, dim)
            for name, weight in weights.items()
        }

    def zero_channels(weight: Tensor) -> int:
        return int((weight == 0).movedim(dim, 0).flatten(1).all(1).sum())

    made = set_to_zero(operator, model, context, keep, count=zero_channels)
    zero = sum(map(zero_channels, made.weights.values()))
    return StageResult(
        {"model": made.facts},
        (
            Metric(name="pruned.sparsity", value=made.sparsity(), unit="share"),
            Metric(name="channels.zero", value=zero, unit="1"),
        ),
        changed={operator.zeroes: made.changed},
    )


def keep_channels(weight: Tensor, count: int, n: float, dim: int) -> Tensor:
    """Give the mask of what stays when the `count` channels of least Lₙ norm become zero."""
    least = torch_prune.LnStructured(count, n, dim)
    mask = least.compute_mask(weight, torch.ones_like(weight))  # type: ignore[no-untyped-call]
    return mask.bool()  # type: ignore[no-any-return]  # torch.nn.utils.prune has no types
