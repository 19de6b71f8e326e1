"""How long training is."""

from __future__ import annotations

from typing import NamedTuple


class Length(NamedTuple):
    """Optimizer steps in all and per epoch, and the epochs that are begun.

    A rest of a single sample is left out of an epoch, since batch normalization can't be trained on
    one.
    """

    epochs: int
    steps: int
    per_epoch: int

    @classmethod
    def of(cls, epochs: int | None, steps: int | None, batch_size: int, count: int) -> Length:
        """Give the length of `epochs` or of `steps` over `count` samples."""
        full, rest = divmod(count, batch_size)
        per_epoch = max(1, full + (rest > 1))
        total = steps if steps is not None else (epochs or 0) * per_epoch
        return cls(-(-total // per_epoch), total, per_epoch)

    def samples(self, batch_size: int, count: int) -> int:
        """Give how many samples the steps go through, those of `count` that come again counted."""
        begun, steps = divmod(self.steps, self.per_epoch)
        return begun * min(self.per_epoch * batch_size, count) + steps * min(batch_size, count)

    def steps_in(self, epoch: int) -> int:
        """Give the steps of an epoch (from 0); the last one may be cut."""
        return min(self.per_epoch, self.steps - epoch * self.per_epoch)

    def epochs_from(self, step: int) -> int:
        """Count the epochs at whose end `step` steps are done, of `steps` at most."""
        first = max(1, min(-(-step // self.per_epoch), self.epochs))
        return self.epochs - first + 1
