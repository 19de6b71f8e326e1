"""The parameters of `train.distill`."""

from pydantic import Field

from recipec.api import DataRef, Share
from recipec_train.params import PruningParams


class DistillParams(PruningParams):
    """Parameters of `train.distill`."""

    temperature: float = Field(
        default=4.0,
        gt=0,
        description="T: both models' logits are divided by it, so that the teacher's small "
        "probabilities count.",
    )
    alpha: Share = Field(
        default=0.7,
        description="Share of the teacher in the loss; the rest is cross-entropy against the "
        "labels. With `100%` no labels are needed.",
    )
    label_smoothing: Share = Field(
        default=0.0,
        lt=1,
        description="Share of each label's target in the cross-entropy that is spread evenly over "
        "all classes.",
    )
    transfer: DataRef | None = Field(
        default=None,
        description="More data for the teacher to label: a name under `data:`. Labels that it has "
        "aren't looked at; only the teacher's part of the loss counts. null for none.",
    )
