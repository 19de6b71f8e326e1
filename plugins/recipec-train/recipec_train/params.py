"""The parameters of `train.fit`."""

from collections.abc import Callable
from typing import Any

from pydantic import Field, model_serializer

from recipec.api.training import CrossEntropy, Loss, TrainingParams
from recipec_train.gradual import GradualPruning


class PruningParams(TrainingParams):
    """How to train, and what is pruned on the way."""

    gradual_pruning: GradualPruning | None = Field(
        default=None,
        description="Set ever more weights to zero while training goes on (Zhu and Gupta, "
        "arXiv:1710.01878); null for none.",
    )

    @model_serializer(mode="wrap")
    def _as_before(self, write: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        """Leave out what isn't asked for: keys are made of this, and were without it."""
        written = write(self)
        return {n: v for n, v in written.items() if n != "gradual_pruning" or v is not None}


class FitParams(PruningParams):
    """Parameters of `train.fit`."""

    loss: Loss = Field(default_factory=CrossEntropy, description="What is minimized.")
