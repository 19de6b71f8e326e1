"""What changes between training and evaluation of an exported graph, and late in a training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import torch
from torch import Tensor, nn, optim
from torch.fx import GraphModule, Node

from recipec.api.training import Hooks, Length, Masks
from recipec_quantize._torchao import FakeQuantize
from recipec_quantize.qat import frozen_from

aten = torch.ops.aten

_NORM: Final = aten.batch_norm.default
_TRAINS: Final[Mapping[Any, int]] = {
    _NORM: 5,
    aten.dropout.default: 2,
    aten.dropout_.default: 2,
    aten.feature_dropout.default: 2,
    aten.alpha_dropout.default: 2,
    aten.feature_alpha_dropout.default: 2,
    aten.lstm.input: 6,
    aten.gru.input: 6,
    aten.rnn_tanh.input: 6,
    aten.rnn_relu.input: 6,
}
"""By operation: which argument says whether it is trained."""


class QatHooks(Hooks):
    """Puts an exported graph in training mode and back, and freezes ranges late in the training.

    An exported graph holds the mode in the arguments of its operations. Outside of training,
    observers don't observe: what is only evaluated leaves no trace. From `freeze` (a share of the
    steps) on, the ranges of weights and activations and the statistics of batch normalizations
    stay as they are, so that the last steps train what will be converted (Krishnamoorthi,
    arXiv:1806.08342, §3.2.2).
    """

    def __init__(self, freeze: float) -> None:
        self._share = freeze
        self._from = 0
        self._step = 0
        self._module: GraphModule | None = None

    def begin(
        self, module: nn.Module, optimizer: optim.Optimizer, length: Length, masks: Masks
    ) -> None:
        assert isinstance(module, GraphModule)
        self._module = module
        self._from = frozen_from(self._share, length.steps)

    def at(self, step: int) -> None:
        was, self._step = self.frozen, step
        if self.frozen and not was and self._module is not None:
            self.switch(self._module, True)

    @property
    def frozen(self) -> bool:
        """Whether ranges and statistics stay as they are by now."""
        return self._step >= self._from

    def settled(self, step: int) -> bool:
        return step >= self._from

    def switch(self, module: nn.Module, training: bool) -> None:
        assert isinstance(module, GraphModule)
        learns = training and not self.frozen
        for node in module.graph.nodes:
            if node.target in _TRAINS:
                _set(node, learns if node.target is _NORM else training)
        module.recompile()
        for inner in module.modules():
            if isinstance(inner, FakeQuantize):
                inner.observer_enabled.fill_(learns)

    def state(self) -> Mapping[str, Tensor]:
        return {"step": torch.tensor(self._step)}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        self._step = int(state["step"])


def _set(node: Node, training: bool) -> None:
    place = _TRAINS[node.target]
    node.args = (*node.args[:place], training, *node.args[place + 1 :])
