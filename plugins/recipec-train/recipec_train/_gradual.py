"""Prune while training: masks that grow along a schedule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn, optim

from recipec.api import LayerTable, TensorSpec, Unknown
from recipec.api.torch import layer_table
from recipec.api.training import Hooks, Length, Masks, forget
from recipec_train.gradual import GradualPruning
from recipec_train.gradual_plan import ZEROED, check_held, choose_weights, share_of
from recipec_train.params import PruningParams


def gradual_pruning(
    params: PruningParams,
    module: nn.Module,
    inputs: Sequence[TensorSpec],
    layers: LayerTable | Unknown,
) -> PruneGradually | None:
    """Give what prunes a module while it is trained, if that is asked for.

    `layers` is the module's table, if it is known. Raises OperatorError as the plan does.
    """
    rule = params.gradual_pruning
    if rule is None:
        return None
    table = layer_table(module, inputs) if isinstance(layers, Unknown) else layers
    return PruneGradually(rule, tuple(choose_weights(rule, table).tensors))


class PruneGradually(Hooks):
    """Sets the weights of least magnitude to zero, as torch.nn.utils.prune chooses them.

    `names` are the full names of the weights in the model's order.
    """

    def __init__(self, rule: GradualPruning, names: tuple[str, ...]) -> None:
        self._rule = rule
        self._names = names
        self._weights: list[nn.Parameter] = []
        self._prunings: Mapping[int, float] = {}
        self._masks = Masks()
        self._optimizer: optim.Optimizer | None = None
        self._before: list[Tensor] = []

    def begin(
        self, module: nn.Module, optimizer: optim.Optimizer, length: Length, masks: Masks
    ) -> None:
        self._optimizer, self._masks = optimizer, masks
        self._weights = [module.get_parameter(name) for name in self._names]
        self._prunings = self._rule.prunings(length.steps)
        self._before = [w.detach() == 0 for w in self._weights]
        for weight in self._weights:
            masks.hold(weight, masks.of(weight))  # so that no more are 0 in the end than are held
        for group, name in self._groups():
            wanted = share_of(self._rule.final, sum(w.numel() for w in group))
            check_held(name, sum(int(masks.of(w).count_nonzero()) for w in group), wanted)

    def at(self, step: int) -> None:
        if step in self._prunings:
            for group, _ in self._groups():
                self._prune(group, self._prunings[step])

    def settled(self, step: int) -> bool:
        return step >= max(self._prunings)

    def state(self) -> Mapping[str, Tensor]:
        return {
            name: self._masks.of(weight)
            for name, weight in zip(self._names, self._weights, strict=True)
        }

    def restore(self, state: Mapping[str, Tensor]) -> None:
        for name, weight in zip(self._names, self._weights, strict=True):
            self._masks.hold(weight, state[name].to(weight.device))

    def changed(self) -> dict[str, int]:
        """Count the weights that are zero now and weren't at the beginning."""
        zeroed = 0
        for weight, before in zip(self._weights, self._before, strict=True):
            zeroed += int(((weight == 0) & ~before.to(weight.device)).count_nonzero())
        return {ZEROED: zeroed}

    def _groups(self) -> list[tuple[list[nn.Parameter], str]]:
        """Give the weights that share a threshold, and what they are called."""
        if self._rule.scope == "global":
            return [(self._weights, "the model")]
        return [([w], name) for w, name in zip(self._weights, self._names, strict=True)]

    def _prune(self, weights: list[nn.Parameter], sparsity: float) -> None:
        """Set the smallest of the weights that aren't zero yet to zero, so many that the share is
        reached."""
        held = torch.cat([self._masks.of(w).flatten() for w in weights])
        more = share_of(sparsity, held.numel()) - int(held.count_nonzero())
        if more <= 0:
            return
        magnitude = torch.cat([w.detach().abs().flatten() for w in weights])
        (free,) = torch.nonzero(~held, as_tuple=True)
        held[free[magnitude[free].topk(more, largest=False).indices]] = True
        parts = torch.split(held, [w.numel() for w in weights])
        zeros = {w: part.view_as(w) for w, part in zip(weights, parts, strict=True)}
        for weight, mask in zeros.items():
            self._masks.hold(weight, mask)
        if self._optimizer is not None:
            forget(self._optimizer, zeros)
