"""A module in training: its optimizer, its steps, and all that a checkpoint must hold of them."""

from __future__ import annotations

import math
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from recipec.api.training._checkpoint import Checkpoint, optimizer_parts, restore_optimizer
from recipec.api.training._losses import LossFunction
from recipec.api.training._optimizers import make_optimizer
from recipec.api.training._tally import Tally
from recipec.api.training.length import Length
from recipec.api.training.params import TrainingParams


class Training:
    """`step` counts the optimizer steps done, `skipped` those of them that overflowed in float16
    and changed nothing (None without a gradient scaler)."""

    def __init__(
        self, params: TrainingParams, module: nn.Module, fabric: Fabric, loss: LossFunction
    ) -> None:
        self.module = module
        self.device = fabric.device
        self.step = 0
        self.loss = loss
        self._params = params
        self._fabric = fabric
        self.optimizer = make_optimizer(
            params.optimizer, module.parameters(), fused=params.precision != "16-mixed"
        )
        self._model, self._stepper = fabric.setup(module, self.optimizer)
        self._scaler: torch.amp.GradScaler | None = getattr(fabric._precision, "scaler", None)
        self.skipped = 0 if self._scaler else None
        self._losses: list[Tensor] = []

    def take_step(
        self, inputs: tuple[Tensor, ...], labels: Tensor, length: Length, tally: Tally
    ) -> None:
        """Take one optimizer step and add it to the tally."""
        factor = self._params.schedule.factor(self.step, length.steps, length.per_epoch)
        for group in self.optimizer.param_groups:
            group["lr"] = self._params.optimizer.lr * factor
        loss, logits = self.loss(self._model, inputs, labels)
        self._stepper.zero_grad()
        self._fabric.backward(loss)
        if self._params.clip_norm is not None:
            self._fabric.clip_gradients(  # takes the scaler's factor out of the gradients first
                self._model,
                self._stepper,
                max_norm=self._params.clip_norm,
                error_if_nonfinite=False,
            )
        scale = self._scaler.get_scale() if self._scaler else 1.0
        self._stepper.step()
        self.step += 1
        self._losses.append(loss.detach())
        if self._scaler and self.skipped is not None and self._scaler.get_scale() < scale:
            self.skipped += 1
            self._losses[-1] = torch.full_like(self._losses[-1], math.nan)
            if not loss.isfinite():
                return  # this batch overflowed and changed nothing: its loss is no number
        tally.add(loss, logits, labels)

    @property
    def losses(self) -> Tensor:
        """The loss of each step [steps], NaN where the step was left out."""
        return torch.stack(self._losses).float().cpu() if self._losses else torch.zeros(0)

    def checkpoint(self) -> Checkpoint:
        """Give the state: weights, optimizer, scaler, torch's random generators, counts."""
        optimizer, others = optimizer_parts(self.optimizer)
        tensors = {
            **{f"model.{name}": value for name, value in self.module.state_dict().items()},
            **{f"optimizer.{name}": value for name, value in optimizer.items()},
            "losses": self.losses,
            "random.cpu": torch.get_rng_state(),
        }
        if self.device.type == "cuda":
            tensors["random.cuda"] = torch.cuda.get_rng_state(self.device)
        values: dict[str, Any] = {
            "optimizer": others,
            "scaler": self._scaler.state_dict() if self._scaler else None,
            "step": self.step,
            "skipped": self.skipped,
        }
        return Checkpoint(tensors, values)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back to a state that `checkpoint` gave."""
        self.module.load_state_dict(checkpoint.part("model"))
        restore_optimizer(
            self.optimizer, checkpoint.part("optimizer"), checkpoint.values["optimizer"]
        )
        torch.set_rng_state(checkpoint.tensors["random.cpu"])
        if self.device.type == "cuda":
            torch.cuda.set_rng_state(checkpoint.tensors["random.cuda"], self.device)
        if self._scaler:
            self._scaler.load_state_dict(checkpoint.values["scaler"])
        self._losses = list(checkpoint.tensors["losses"].to(self.device))
        self.step = checkpoint.values["step"]
        self.skipped = checkpoint.values["skipped"]
