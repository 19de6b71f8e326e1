"""What a technique does to a module while it is trained."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn, optim

from recipec.api.training._masks import Masks
from recipec.api.training.length import Length


class Hooks:
    """Calls along a training; these do nothing. Subclass it (a pruning schedule, observers)."""

    def begin(
        self, module: nn.Module, optimizer: optim.Optimizer, length: Length, masks: Masks
    ) -> None:
        """Take note of what is trained, on its device, before a checkpoint is restored.

        `masks` holds the zeros that are kept, and takes more.
        """

    def at(self, step: int) -> None:
        """Act when `step` steps are done: called with 0 before the first, and after each one.

        What was done at a step is part of the weights when a checkpoint is written; it isn't done
        again in a run that goes on.
        """

    def settled(self, step: int) -> bool:
        """Say whether the module has its final form after so many steps: early stopping looks at
        no epoch before."""
        return True

    def switch(self, module: nn.Module, training: bool) -> None:
        """Put the module in training or in evaluation mode."""
        module.train(training)

    def state(self) -> Mapping[str, Tensor]:
        """Give what a checkpoint must hold besides weights, buffers and the optimizer."""
        return {}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go back to a state that `state` gave."""
