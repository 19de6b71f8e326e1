"""Early stopping: which epoch was best, and whether to go on."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from recipec.api.params import Params
from recipec.api.units import Points, parse_points


class EarlyStop(Params):
    """Stop when a validation metric gets no better, and keep the weights of the best epoch."""

    metric: Literal["accuracy", "loss"] = Field(
        default="accuracy", description="What is watched on the validation data after each epoch."
    )
    patience: int = Field(
        default=3, ge=1, description="Epochs without a better value before stopping."
    )
    min_delta: Annotated[float, Field(ge=0)] | Points = Field(
        default=0.0,
        description="How much better counts as better: percentage points for accuracy (`0.1pp`), a "
        "bare number for the loss.",
    )

    @field_validator("min_delta")
    @classmethod
    def _of_the_metric(cls, value: float | str, info: ValidationInfo) -> float | str:
        if info.data.get("metric") == "accuracy" and value != 0:
            parse_points(value)
        elif isinstance(value, str):
            raise PydanticCustomError(
                "unit_unknown", "a loss has no unit", {"hint": "write a bare number, such as 0.01"}
            )
        return value

    @property
    def least_gain(self) -> float:
        """`min_delta` as a share for accuracy, in units of the loss for loss."""
        return parse_points(self.min_delta) if isinstance(self.min_delta, str) else self.min_delta


@dataclass(slots=True)
class Stopper:
    """Watches one value per epoch. `best` is the best so far, `waited` the epochs since."""

    rule: EarlyStop
    best: float | None = None
    waited: int = 0

    def saw(self, loss: float, accuracy: float | None) -> bool:
        """Take note of an epoch; say whether it is the best so far, by more than `min_delta`.

        Raises ValueError when the accuracy is wanted and there is none.
        """
        value = accuracy if self.rule.metric == "accuracy" else -loss
        if value is None:
            raise ValueError("samples without labels have no accuracy")
        if self.best is None or value > self.best + self.rule.least_gain:
            self.best, self.waited = value, 0
            return True
        self.waited += 1
        return False

    @property
    def stops(self) -> bool:
        """Whether `patience` is at its end."""
        return self.waited >= self.rule.patience
