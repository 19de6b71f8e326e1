"""Set single weights of each tensor to zero."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

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
from recipec_prune._masking import set_to_zero, zeros_of
from recipec_prune._single_weights import keep_all_but
from recipec_prune.masks import Decided

if TYPE_CHECKING:
    from recipec_prune.unstructured import Unstructured


def prune(operator: Unstructured, model: Artifact[TorchModule], context: RunContext) -> StageResult:
    """Prune the module at `model.path`, tensor by tensor in the layer table's order.

    Raises OperatorError when a tensor has more zeros already than the plan promised.
    """

    def keep(
        table: LayerTable, decided: Decided, weights: Mapping[str, Tensor]
    ) -> Mapping[str, Tensor]:
        masks = {}
        for name, weight in weights.items():
            count, planned = decided.wanted[name], decided.zeros[name]
            if not isinstance(planned, Unknown) and zeros_of(weight) > planned:
                raise OperatorError(
                    f"{name} has {zeros_of(weight)} zeros already, more than the {count} that are "
                    "asked for",
                    at=("count",) if operator.with_.amount is None else ("amount",),
                    hint="zeros that are there count: ask for more, or exclude this layer",
                )
            masks[name] = keep_all_but(weight, count, operator.with_.method)
        return masks

    made = set_to_zero(operator, model, context, keep)
    metric = Metric(name="pruned.sparsity", value=made.sparsity(), unit="share")
    return StageResult({"model": made.facts}, (metric,), changed={operator.zeroes: made.changed})
