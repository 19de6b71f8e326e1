"""Set weights of a saved module to zero, for good."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from torch import Tensor

from recipec.api import (
    Artifact,
    LayerTable,
    OperatorError,
    RunContext,
    TorchModule,
    Unknown,
)
from recipec.api.torch import (
    layer_table,
    load_module,
    module_facts,
    read_structure,
    reproducible,
    save_like,
)
from recipec_prune.masks import Decided, Masking

Keep = Callable[[LayerTable, Decided, Mapping[str, Tensor]], Mapping[str, Tensor]]
"""From weights by full name to masks of what stays, true where a weight is kept."""


def zeros_of(weight: Tensor) -> int:
    """Count the elements that are zero."""
    return weight.numel() - int(weight.count_nonzero())


class Zeroed(NamedTuple):
    """What was made: its facts, its pruned weights by full name, and what the stage changed."""

    facts: TorchModule
    weights: Mapping[str, Tensor]
    changed: int

    def sparsity(self, name: str | None = None) -> float:
        """Give the share of a weight that is zero, or of all of them together."""
        weights = list(self.weights.values()) if name is None else [self.weights[name]]
        return sum(map(zeros_of, weights)) / sum(weight.numel() for weight in weights)


def set_to_zero(
    operator: Masking[Any],
    model: Artifact[TorchModule],
    context: RunContext,
    keep: Keep,
    count: Callable[[Tensor], int] = zeros_of,
) -> Zeroed:
    """Prune the module at `model.path` by the masks that `keep` gives, and save it.

    What is said of it is read back from what was saved; what was changed is the difference that
    `count` finds. Raises OperatorError when a weight isn't finite, and what `keep` and
    `operator.decide` raise.
    """
    path, inputs = context.path_for("model"), read_structure(model.path).inputs
    with reproducible(context.seed, context.threads):
        module = load_module(model.path)
        table = model.facts.layers
        if isinstance(table, Unknown):
            table = layer_table(module, inputs)
        decided = operator.decide(table)
        weights = {w.name: module.get_parameter(w.name).detach() for w in decided.chosen.weights}
        for name, weight in weights.items():
            if not bool(weight.isfinite().all()):
                raise OperatorError(f"{name} holds values that aren't finite: it can't be ranked")
        before = sum(map(count, weights.values()))
        for name, kept in keep(table, decided, weights).items():
            weights[name].masked_fill_(~kept, 0.0)  # not `*=`: that would leave -0.0
        save_like(path, model.path, module)
        made = load_module(path)
        pruned = {name: made.get_parameter(name).detach() for name in weights}
        facts = module_facts(made, inputs, table)
    return Zeroed(facts, pruned, sum(map(count, pruned.values())) - before)
