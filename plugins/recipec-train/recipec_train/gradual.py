"""Gradual pruning: how many weights are zero at which step."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from recipec.api import OperatorError, Params, Share
from recipec.api.selectors import Selectors

PLACE = "gradual_pruning"


class GradualPruning(Params):
    """Set ever more weights to zero while training goes on (Zhu and Gupta, "To prune, or not to
    prune", arXiv:1710.01878).

    At step t the sparsity is final + (initial − final) · (1 − (t − t₀) / (n·Δt))³ (eq. 1), for t of
    t₀, t₀ + Δt, …, t₀ + n·Δt. A weight that is zero once stays zero.
    """

    final: Share = Field(gt=0, lt=1, description="Share of the weights that is zero in the end.")
    initial: Share = Field(
        default=0.0, lt=1, description="Share that is set to zero at the beginning of the schedule."
    )
    begin: Share = Field(
        default=0.0, lt=1, description="Where it begins (t₀), as a share of all steps."
    )
    end: Share = Field(
        default=0.7,
        gt=0,
        description="Where it has ended at the latest, as a share of all steps; `100%` is after "
        "the last one, which leaves no step to recover.",
    )
    every: int = Field(default=10, ge=1, description="Optimizer steps between two prunings (Δt).")
    scope: Literal["layer", "global"] = Field(
        default="layer",
        description="Whether each layer has the sparsity, or all of them together, by one "
        "threshold of magnitude.",
    )
    include: Selectors = Field(
        default=(),
        description="Selectors of the layers to prune (glob, `re:…`, `type:…`). Empty, all that "
        "have weights, but for embeddings.",
    )
    exclude: Selectors = Field(
        default=(), description="Selectors of layers that stay whole (glob, `re:…`, `type:…`)."
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        for low, high in (("begin", "end"), ("initial", "final")):
            one, other = getattr(self, low), getattr(self, high)
            if one >= other:
                raise PydanticCustomError(
                    "schedule_order",
                    "`{low}` must be less than `{high}`, and {one} is not less than {other}",
                    {"low": low, "high": high, "one": f"{one:.6g}", "other": f"{other:.6g}"},
                )
        return self

    def prunings(self, steps: int) -> Mapping[int, float]:
        """Give the sparsity by the number of steps done, of `steps` in all, at which it is set.

        Raises OperatorError when the schedule has no room for two prunings.
        """
        first, last = round(self.begin * steps), round(self.end * steps)
        count = (last - first) // self.every
        if not count:
            raise OperatorError(
                f"from step {first} to step {last} (of {steps}) there is only one pruning",
                at=(PLACE, "every"),
                hint=f"`every` can be {last - first} at most"
                if last > first
                else "train for more steps",
            )
        return {
            first + n * self.every: self.final + (self.initial - self.final) * (1 - n / count) ** 3
            for n in range(count + 1)
        }
