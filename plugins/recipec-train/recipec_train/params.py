"""The parameters of `train.fit`."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from recipec.api import DataRef, Params, Points, Share
from recipec.api.units import parse_points
from recipec_train.optimizers import Optimizer, Sgd
from recipec_train.schedules import AnySchedule, OneCycle


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


class Augment(Params):
    """Random changes of the training images [N, C, H, W], new ones in every epoch.

    Each image gets its own draws, uniform between minus and plus the stated amount. It is resampled
    bilinearly; what comes in from outside repeats the border's pixels.
    """

    rotate: float = Field(
        default=0.0, ge=0, le=180, description="Rotate about the centre by up to this many degrees."
    )
    scale: Share = Field(
        default=0.0, lt=1, description="Enlarge or shrink by up to this share of the size."
    )
    shift: float = Field(
        default=0.0, ge=0, description="Move in both directions by up to this many pixels."
    )
    flip: bool = Field(default=False, description="Mirror left to right, with probability 1/2.")

    @property
    def is_affine(self) -> bool:
        """Whether images are rotated, scaled or moved at all."""
        return bool(self.rotate or self.scale or self.shift)


class FitParams(Params):
    data: DataRef = Field(description="Data to train on: a name under `data:`, with labels.")
    validation: DataRef | None = Field(
        default=None,
        description="Data to measure loss and accuracy on after each epoch; null without.",
    )
    epochs: int | None = Field(
        default=None, ge=1, description="Passes over the data. Write either this or `steps`."
    )
    steps: int | None = Field(
        default=None, ge=1, description="Optimizer steps in all. Write either this or `epochs`."
    )
    batch_size: int = Field(default=32, ge=1, description="Samples per step.")
    optimizer: Optimizer = Field(default_factory=Sgd, description="How weights follow gradients.")
    schedule: AnySchedule = Field(
        default_factory=OneCycle, description="The learning rate over the steps."
    )
    loss: Loss = Field(default_factory=CrossEntropy, description="What is minimized.")
    precision: Literal["32-true", "16-mixed", "bf16-mixed"] = Field(
        "32-true",
        description="Number format of the forward pass: float32; float16 with a gradient scaler; "
        "bfloat16. Weights are float32 in every case.",
    )
    clip_norm: float | None = Field(
        default=None,
        gt=0,
        description="Largest L2 norm of all gradients together, after the gradient scaler's "
        "factor is taken out; null for no limit.",
    )
    early_stop: EarlyStop | None = Field(
        default=None, description="When to stop early; needs `validation`. null: train to the end."
    )
    augment: Augment = Field(
        default_factory=Augment, description="Random changes of the training images."
    )
    keep_zeros: bool = Field(
        default=True,
        description="Keep pruned weights out: weights of convolutions and linear layers that are "
        "exactly 0 when the stage begins stay 0. A tensor that is all zeros is trained: that is an "
        "initialization, not a mask.",
    )
    device: Literal["cpu", "cuda"] = Field(default="cpu", description="Where to compute.")
    checkpoint_every: int = Field(
        default=1,
        ge=1,
        description="Epochs between two checkpoints, from which a killed run goes on.",
    )
