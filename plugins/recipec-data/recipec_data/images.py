"""Parameters that say how pictures become arrays."""

from typing import Annotated, Any, Literal

from pydantic import Field

from recipec.api import OperatorError, Params, Preprocessing, TensorSpec

Side = Annotated[int, Field(ge=1)]


class ImageParams(Params):
    """The size and the values that every picture gets."""

    size: tuple[Side, Side] = Field(
        description="Height and width of what the model gets, in pixels.", examples=[[224, 224]]
    )
    channels: Literal[1, 3] = Field(3, description="1 for grey, 3 for red, green and blue.")
    fit: Literal["crop", "stretch"] = Field(
        "crop",
        description="How a picture gets its size: scaled until it covers it and cut around the "
        "middle, or stretched to it. Bilinear, with antialiasing.",
    )
    mean: tuple[float, ...] = Field(
        (0.0,),
        min_length=1,
        max_length=3,
        description="Subtracted from values scaled to 0 to 1: one number, or one for each channel.",
        examples=[[0.485, 0.456, 0.406]],
    )
    std: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        (1.0,),
        min_length=1,
        max_length=3,
        description="What values are divided by after that: one number, or one for each channel.",
        examples=[[0.229, 0.224, 0.225]],
    )

    def check(self, *at: str) -> None:
        """Raise OperatorError unless `mean` and `std` fit the channels."""
        for name, values in (("mean", self.mean), ("std", self.std)):
            if len(values) not in (1, self.channels):
                raise OperatorError(
                    f"{len(values)} numbers for {self.channels} channels", at=(*at, name)
                )

    def spec(self, name: str) -> TensorSpec:
        """Describe a batch of them."""
        return TensorSpec(name=name, shape=("N", self.channels, *self.size))

    @property
    def preprocessing(self) -> Preprocessing:
        height, width = self.size
        fitted = {
            "crop": f"scaled to cover {height}×{width} and cut around the middle",
            "stretch": f"stretched to {height}×{width}",
        }[self.fit]
        grey = ("made grey",) if self.channels == 1 else ()
        return Preprocessing(
            divisor=255.0, mean=self.mean, std=self.std, before=(*grey, f"{fitted}, bilinear")
        )

    @property
    def conversion(self) -> dict[str, Any]:
        """The keyword arguments of `_images.Conversion`."""
        return {
            name: getattr(self, name) for name in ("size", "channels", "fit", "mean", "std")
        } | {"size": list(self.size), "mean": list(self.mean), "std": list(self.std)}
