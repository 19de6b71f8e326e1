"""Early stopping: which epoch was best, and whether to go on."""

from __future__ import annotations

from dataclasses import dataclass

from recipec_train.params import EarlyStop


@dataclass(slots=True)
class Stopper:
    """Watches one value per epoch. `best` is the best so far, `waited` the epochs since."""

    rule: EarlyStop
    best: float | None = None
    waited: int = 0

    def saw(self, loss: float, accuracy: float) -> bool:
        """Take note of an epoch; say whether it is the best so far, by more than `min_delta`."""
        value = accuracy if self.rule.metric == "accuracy" else -loss
        if self.best is None or value > self.best + self.rule.least_gain:
            self.best, self.waited = value, 0
            return True
        self.waited += 1
        return False

    @property
    def stops(self) -> bool:
        """Whether `patience` is at its end."""
        return self.waited >= self.rule.patience
