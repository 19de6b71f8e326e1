"""How stored values become a model's inputs: divided, then normalized."""

from typing import Any

from pydantic import Field

from recipec.api import Params


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


class ScalingParams(NormalizeParams):
    """(value / divisor − mean) / std."""

    divisor: float | None = Field(
        None,
        gt=0,
        description="What stored values are divided by first. null: 255 for unsigned bytes, so "
        "that they lie in 0 to 1, and 1 for any other type.",
    )

    @property
    def scaling(self) -> dict[str, Any]:
        """The keyword arguments of `_stored.Scaling`."""
        return {"divisor": self.divisor, "mean": self.mean, "std": self.std}
