"""Optimization profiles: the sizes that an engine takes where the model's shape is free."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from recipec.api import OperatorError, Params, TensorSpec


class Range(Params):
    """Sizes of a free dimension: from `min` to `max`, fastest at `opt`."""

    min: int = Field(ge=1, description="smallest size that the engine takes")
    opt: int = Field(ge=1, description="size that the engine is tuned for")
    max: int = Field(ge=1, description="largest size that the engine takes")

    @model_validator(mode="after")
    def _in_order(self) -> "Range":
        if not self.min <= self.opt <= self.max:
            raise PydanticCustomError(
                "range_out_of_order",
                "min {min}, opt {opt}, max {max} are not in ascending order",
                {"min": self.min, "opt": self.opt, "max": self.max},
            )
        return self

    def __str__(self) -> str:
        if self.min == self.max:
            return f"{self.max}"
        return f"{self.min} to {self.max}, tuned for {self.opt}"


class Profile(NamedTuple):
    """What one input may look like: its smallest, best and largest shape."""

    min: tuple[int, ...]
    opt: tuple[int, ...]
    max: tuple[int, ...]


def ranges_of(
    inputs: Sequence[TensorSpec], batch: Range, dimensions: Mapping[str, Range]
) -> dict[str, Range]:
    """Give the range of every free dimension by its name, in the order of the inputs.

    A free first dimension is the batch, under whatever name, unless `dimensions` has that name.
    Raises OperatorError where a dimension has no range, and on a name that no dimension has.
    """
    free = {dim: spec for spec in inputs for dim in spec.shape if isinstance(dim, str)}
    for name in dimensions:
        if name not in free:
            raise OperatorError(
                f"no input has a free dimension {name!r}",
                at=("dimensions", name),
                hint=f"free dimensions: {', '.join(free) or 'none'}",
            )
    batches = {spec.shape[0] for spec in inputs if spec.shape}
    found = {}
    for name, spec in free.items():
        if name in dimensions:
            found[name] = dimensions[name]
        elif name in batches:
            found[name] = batch
        else:
            raise OperatorError(
                f"dimension {name!r} of input {spec} is free and has no range",
                at=("dimensions",),
                hint=f"state it: dimensions: {{{name}: {{min: 1, opt: 128, max: 512}}}}",
            )
    return found


def profile_of(spec: TensorSpec, ranges: Mapping[str, Range]) -> Profile | None:
    """Give an input's profile, None where its shape is fixed. Raises KeyError without a range."""
    if all(isinstance(dim, int) for dim in spec.shape):
        return None
    sizes = [
        (dim, dim, dim)
        if isinstance(dim, int)
        else (ranges[dim].min, ranges[dim].opt, ranges[dim].max)
        for dim in spec.shape
    ]
    smallest, best, largest = zip(*sizes, strict=True)
    return Profile(smallest, best, largest)
