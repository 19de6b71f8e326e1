"""Which random changes of training images, and how large."""

from pydantic import Field

from recipec.api.artifacts import TensorSpec
from recipec.api.params import Params
from recipec.api.units import Share


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


def is_image(spec: TensorSpec) -> bool:
    """Say whether an input is a batch of images [N, C, H, W]."""
    return len(spec.shape) == 4 and spec.dtype == "float32"
