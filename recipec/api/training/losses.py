"""What is minimized in training on class labels."""

from typing import Annotated, Literal

from pydantic import Field

from recipec.api.params import Params
from recipec.api.units import Share


class CrossEntropy(Params):
    """Cross-entropy of the outputs' softmax against the labels."""

    name: Literal["cross_entropy"] = Field(
        default="cross_entropy", description="Softmax cross-entropy."
    )
    label_smoothing: Share = Field(
        default=0.1,
        lt=1,
        description="Share of each target spread evenly over all classes (Szegedy et al., CVPR "
        "2016).",
    )


class SquaredError(Params):
    """Mean squared error of the outputs against one-hot labels (Hui and Belkin, ICLR 2021)."""

    name: Literal["mse"] = Field(
        default="mse", description="Mean squared error against one-hot labels."
    )


Loss = Annotated[CrossEntropy | SquaredError, Field(discriminator="name")]
