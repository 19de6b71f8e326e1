"""A gate in a plan: its words are read, by the unit of what it judges."""

from typing import Final, Literal

from recipec.api import Frozen
from recipec.api.metrics import Better, MetricUnit

Condition = Literal["max_drop", "min_ratio", "min", "max"]
_REQUIRED: Final = {
    "max_drop": "drop ≤ {}",
    "min_ratio": "ratio ≥ {}",
    "min": "≥ {}",
    "max": "≤ {}",
}


class PlannedGate(Frozen):
    """A gate, ready to be judged.

    `at` is its place in the recipe. `bound` is in the metric's `unit`. Of `max_drop` it is how far
    the value may fall below that of the stage `against`: in the metric's unit or, when `relative`,
    as a share of that stage's value; of `min_ratio` how many times better than it. `wanted` is the
    bound as the recipe writes it.
    """

    at: tuple[str | int, ...]
    stage: str
    metric: str
    unit: MetricUnit
    better: Better
    condition: Condition
    wanted: str
    bound: float
    relative: bool = False
    against: str | None = None

    @property
    def required(self) -> str:
        """The condition in words: `drop ≤ 1pp`, `drop ≤ 1% of trained`, `≤ 5ms`."""
        words = _REQUIRED[self.condition].format(self.wanted)
        return f"{words} of {self.against}" if self.relative else words
