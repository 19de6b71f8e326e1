"""Set whole channels to zero, by their norm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor
from torch.nn.utils import prune as torch_prune

from recipec.api import Artifact, LayerTable, Metric, RunContext, StageResult, TorchModule
from recipec_prune._masking import set_to_zero
from recipec_prune.masks import Decided

if TYPE_CHECKING:
    from recipec_prune.structured import Structured

_PLAIN: Final = (1, 2, float("inf"))
"""Norms that torch computes without powers that over- or underflow."""
_LARGEST: Final = 2**60
"""With an exponent above this, a norm is the largest magnitude to all of float64's digits."""


def prune(operator: Structured, model: Artifact[TorchModule], context: RunContext) -> StageResult:
    """Prune the module at `model.path`, layer by layer. Raises OperatorError."""
    n: float = float("inf") if operator.with_.n == "inf" else min(operator.with_.n, _LARGEST)
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
    if n in _PLAIN:
        ranked = weight
    else:
        ranked = norms(weight, n, dim).movedim(0, dim)
        n = 1  # of one entry each, that is the entry
    least = torch_prune.LnStructured(count, n, dim)
    mask = least.compute_mask(ranked, torch.ones_like(ranked))  # type: ignore[no-untyped-call]
    return mask.bool().expand_as(weight)  # type: ignore[no-any-return]  # torch's has no types


def norms(weight: Tensor, n: float, dim: int) -> Tensor:
    """Give the Lₙ norm of each channel along `dim`, float64 [channels, 1, …].

    The largest magnitude of a channel is taken out of the power, ‖w‖ₙ = m · ‖w / m‖ₙ, so that it
    neither over- nor underflows: 0.01 to the 20th is 0 in float32, and all channels would be alike.
    """
    rows = weight.detach().double().abs().movedim(dim, 0)
    flat = rows.flatten(1)
    largest = flat.amax(1, keepdim=True)
    shares = torch.where(largest > 0, flat / largest, 0.0)
    found = largest * shares.pow(n).sum(1, keepdim=True).pow(1 / n)
    return found.reshape(-1, *[1] * (weight.dim() - 1))
