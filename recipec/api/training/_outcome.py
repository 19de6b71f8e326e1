"""What came out of a training, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from recipec.api.metrics import Metric
from recipec.api.training._tally import Score


@dataclass(frozen=True, slots=True)
class Outcome:
    """`scores` are those of the epoch whose weights are kept, which is `best_epoch` (from 1);
    `history` has the scores of every epoch that was trained, by split (`train`, `validation`).

    `losses` [steps] is the loss of each step before it was taken, NaN where it was left out for an
    overflow in float16; `skipped` counts those, None when there was no gradient scaler. `notes` are
    remarks for the stage's result.
    """

    epochs: int
    steps: int
    skipped: int | None
    best_epoch: int
    scores: Mapping[str, Score]
    history: tuple[Mapping[str, Score], ...]
    losses: Tensor
    notes: tuple[str, ...]

    def metrics(self) -> tuple[Metric, ...]:
        """Give the numbers of the epoch whose weights are kept, and how long training was."""
        metrics = []
        for split, score in self.scores.items():
            metrics.append(
                Metric(
                    name=f"loss.{split}",
                    value=score.loss,
                    unit="1",
                    better="lower",
                    count=score.count,
                )
            )
            if score.accuracy is not None:
                metrics.append(
                    Metric(
                        name=f"accuracy.{split}",
                        value=score.accuracy,
                        unit="share",
                        better="higher",
                        count=score.labelled,
                    )
                )
        metrics.append(Metric(name="epochs", value=self.epochs, unit="1"))
        metrics.append(Metric(name="steps", value=self.steps, unit="1"))
        if self.skipped is not None:
            metrics.append(Metric(name="steps.skipped", value=self.skipped, unit="1"))
        return tuple(metrics)
