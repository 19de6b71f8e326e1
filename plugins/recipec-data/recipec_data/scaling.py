"""How stored values become a model's inputs: divided, then normalized."""

from typing import Any

from pydantic import Field

from recipec.api import Params, Preprocessing


class NormalizeParams(Params):
    """(value − mean) / std, after the values were scaled to 0 … 1."""

    mean: float = Field(
        0.0, description="Subtracted from every value after scaling, in scaled units (0 to 1)."
    )
    std: float = Field(
        1.0,
        gt=0,
        description="What every value is divided by after `mean` is subtracted, in scaled units.",
    )

    def preprocessing(self, divisor: float) -> Preprocessing:
        """Give what is done to stored values, which are divided by `divisor` first."""
        return Preprocessing(divisor=divisor, mean=(self.mean,), std=(self.std,))


class ScalingParams(NormalizeParams):
    """(value / divisor − mean) / std."""

    divisor: float | None = Field(
        None,
        gt=0,
        description="What stored values are divided by first. null: 255 for unsigned bytes, so "
        "that they lie in 0 to 1, and 1 for any other type.",
    )

    def divided_by(self, dtype: str) -> float:
        """Give what values of this stored type are divided by."""
        return self.divisor or (255.0 if dtype == "uint8" else 1.0)

    @property
    def scaling(self) -> dict[str, Any]:
        """The keyword arguments of `_stored.Scaling`."""
        return {"divisor": self.divisor, "mean": self.mean, "std": self.std}
