"""Set weights to zero by one threshold over several tensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor

from recipec.api import (
    Artifact,
    LayerTable,
    Metric,
    OperatorError,
    RunContext,
    StageResult,
    TorchModule,
    Unknown,
)
from recipec_prune._masking import Zeroed, set_to_zero, zeros_of
from recipec_prune._single_weights import keep_all_but
from recipec_prune.masks import Decided

if TYPE_CHECKING:
    from recipec_prune.whole import Global

TOLD: Final = 40
"""Tensors whose share the notes tell; the metrics have all."""


def prune(operator: Global, model: Artifact[TorchModule], context: RunContext) -> StageResult:
    """Prune the module at `model.path`; the metrics say how the zeros are split.

    Raises OperatorError when there are more zeros already than the plan promised.
    """

    def keep(
        table: LayerTable, decided: Decided, weights: Mapping[str, Tensor]
    ) -> Mapping[str, Tensor]:
        count = decided.wanted[""]
        flat = torch.cat([weight.flatten() for weight in weights.values()])
        mask = keep_all_but(flat, count, operator.with_.method)
        if count < zeros_of(flat) and isinstance(decided.changed, Unknown):
            raise OperatorError(
                f"the weights have {zeros_of(flat)} zeros already, more than the {count} that are "
                "asked for",
                at=("count",) if operator.with_.amount is None else ("amount",),
                hint="zeros that are there count: ask for more",
            )
        parts = torch.split(mask, [weight.numel() for weight in weights.values()])
        return {
            name: part.view_as(weight)
            for (name, weight), part in zip(weights.items(), parts, strict=True)
        }

    made = set_to_zero(operator, model, context, keep)
    return StageResult(
        {"model": made.facts},
        tuple(_metrics(made)),
        tuple(_notes(made)),
        {operator.zeroes: made.changed},
    )


def _metrics(made: Zeroed) -> Iterator[Metric]:
    yield Metric(name="pruned.sparsity", value=made.sparsity(), unit="share")
    for name in made.weights:
        yield Metric(name=f"pruned.sparsity.{name}", value=made.sparsity(name), unit="share")


def _notes(made: Zeroed) -> Iterator[str]:
    """Say how the zeros are split, the layers with the largest share first."""
    for name in sorted(made.weights, key=lambda name: -made.sparsity(name))[:TOLD]:
        weight = made.weights[name]
        share = f"{zeros_of(weight):,} of {weight.numel():,}"
        yield f"{name}: {share} are zero ({made.sparsity(name):.1%})"
