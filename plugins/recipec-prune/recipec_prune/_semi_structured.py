"""Set M − N of every M weights along the input to zero, and check that it is so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

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
)
from recipec_prune._masking import set_to_zero
from recipec_prune.masks import Decided
from recipec_prune.patterns import Pattern

if TYPE_CHECKING:
    from recipec_prune.semi_structured import SemiStructured


def prune(
    operator: SemiStructured, model: Artifact[TorchModule], context: RunContext
) -> StageResult:
    """Prune the module at `model.path`. Raises OperatorError, also when the pattern isn't there."""
    pattern = operator.pattern

    def keep(
        table: LayerTable, decided: Decided, weights: Mapping[str, Tensor]
    ) -> Mapping[str, Tensor]:
        return {name: keep_pattern(weight, pattern) for name, weight in weights.items()}

    made = set_to_zero(operator, model, context, keep)
    groups = 0
    for name, weight in made.weights.items():
        rows = grouped(weight, pattern.m)
        groups += rows.numel() // pattern.m
        if wrong := int((rows.count_nonzero(-1) > pattern.n).sum()):
            raise OperatorError(
                f"{wrong} groups of {name} as saved don't have the pattern {pattern}"
            )
    return StageResult(
        {"model": made.facts},
        (
            Metric(name="pruned.sparsity", value=made.sparsity(), unit="share"),
            Metric(name="groups.checked", value=groups, unit="1"),
        ),
        (f"{pattern} holds in all {groups:,} groups of what was saved",),
        {operator.zeroes: made.changed},
    )


def keep_pattern(weight: Tensor, pattern: Pattern) -> Tensor:
    """Give the mask of a weight [out, in, …] that keeps N of every M entries along `in`.

    Of equal magnitudes the last ones stay.
    """
    order = grouped(weight.abs(), pattern.m).argsort(dim=-1, stable=True)
    rows = torch.ones_like(order, dtype=torch.bool)
    rows.scatter_(-1, order[..., : pattern.m - pattern.n], value=False)
    return rows.flatten(-2).movedim(-1, 1)


def grouped(weight: Tensor, m: int) -> Tensor:
    """Give a weight [out, in, …] as [out, …, in / m, m]."""
    last = weight.movedim(1, -1)
    return last.reshape(*last.shape[:-1], -1, m)
