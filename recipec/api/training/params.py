"""The parameters that every training stage has."""

from typing import Literal

from pydantic import Field

from recipec.api.params import Params
from recipec.api.references import DataRef
from recipec.api.training.augment import Augment
from recipec.api.training.optimizers import Optimizer, Sgd
from recipec.api.training.schedules import AnySchedule, OneCycle
from recipec.api.training.stopping import EarlyStop


class TrainingParams(Params):
    """How to train: subclass it and add what is trained for. A subclass may set other defaults."""

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
        description="Keep pruned weights out: of parameters with two dimensions or more (weights "
        "of convolutions, of linear, recurrent and attention layers), those that are exactly 0 "
        "when the stage begins stay 0. A tensor that is all zeros is trained: that is an "
        "initialization, not a mask.",
    )
    device: Literal["cpu", "cuda"] = Field(default="cpu", description="Where to compute.")
    checkpoint_every: int = Field(
        default=1,
        ge=1,
        description="Epochs between two checkpoints, from which a killed run goes on.",
    )
