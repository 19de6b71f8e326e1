"""The learning rate over the steps, as a factor of the optimizer's `lr`."""

import math
from typing import Annotated, Literal

from pydantic import Field

from recipec.api.params import Params
from recipec.api.units import Share


class Schedule(Params):
    """`factor` is for the step that comes next, `step` counting from 0."""

    def factor(self, step: int, total: int, per_epoch: int) -> float:
        """Give the factor at `step` of `total` steps, `per_epoch` steps making an epoch."""
        raise NotImplementedError


class WarmUp(Schedule):
    """A linear warm-up (Goyal et al., arXiv:1706.02677) before what a subclass says of the rest."""

    warmup_steps: int = Field(
        default=0,
        ge=0,
        description="Steps over which the learning rate rises linearly from lr / steps.",
    )

    def factor(self, step: int, total: int, per_epoch: int) -> float:
        if step < self.warmup_steps:
            return (step + 1) / self.warmup_steps
        return self.after(step - self.warmup_steps, total - self.warmup_steps, per_epoch)

    def after(self, step: int, total: int, per_epoch: int) -> float:
        """Give the factor at a step after the warm-up, both counted without the warm-up."""
        raise NotImplementedError


class Constant(WarmUp):
    """The same learning rate throughout."""

    name: Literal["constant"] = Field(default="constant", description="The same throughout.")

    def after(self, step: int, total: int, per_epoch: int) -> float:
        return 1.0


class Cosine(WarmUp):
    """Half a cosine down to `end` (Loshchilov and Hutter, ICLR 2017; CosineAnnealingLR)."""

    name: Literal["cosine"] = Field(default="cosine", description="Half a cosine down to `end`.")
    end: Share = Field(default=0.0, description="The last learning rate as a share of lr.")

    def after(self, step: int, total: int, per_epoch: int) -> float:
        return self.end + (1 - self.end) * (1 + math.cos(math.pi * step / total)) / 2


class StepDecay(WarmUp):
    """Multiplied by `decay` every so many epochs (StepLR)."""

    name: Literal["step"] = Field(
        default="step", description="Down by a factor every so many epochs."
    )
    every_epochs: int = Field(default=30, ge=1, description="Epochs between two decays.")
    decay: float = Field(
        default=0.1, gt=0, le=1, description="What the learning rate is multiplied by."
    )

    def after(self, step: int, total: int, per_epoch: int) -> float:
        return float(self.decay ** (step // (self.every_epochs * per_epoch)))


class OneCycle(Schedule):
    """Up and down again, both along half a cosine (Smith and Topin, arXiv:1708.07120; OneCycleLR
    without its cycle of the momentum)."""

    name: Literal["one_cycle"] = Field(
        default="one_cycle", description="Up to lr, then down to almost 0."
    )
    rise: Share = Field(
        default=0.3, gt=0, lt=1, description="Share of the steps in which it rises."
    )
    start_divisor: float = Field(default=25.0, ge=1, description="It starts at lr divided by this.")
    end_divisor: float = Field(
        default=1e4, ge=1, description="It ends at its start divided by this."
    )

    def factor(self, step: int, total: int, per_epoch: int) -> float:
        top = self.rise * total - 1
        start = 1 / self.start_divisor
        if step <= top:
            return _along_cosine(start, 1.0, step / top if top else 1.0)
        return _along_cosine(1.0, start / self.end_divisor, (step - top) / (total - 1 - top))


def _along_cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


AnySchedule = Annotated[Constant | Cosine | StepDecay | OneCycle, Field(discriminator="name")]
