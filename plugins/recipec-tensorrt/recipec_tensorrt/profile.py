"""Optimization profiles: the sizes that an engine takes where the model's shape is free."""

from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from recipec.api import OperatorError, Params, TensorSpec

Place = tuple[str | int, ...]
Size = Annotated[int, Field(ge=1)]


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


class Shapes(Params):
    """Shapes of one input: from `min` to `max` in every dimension, fastest at `opt`."""

    min: tuple[Size, ...] = Field(description="smallest shape that the engine takes")
    opt: tuple[Size, ...] = Field(description="shape that the engine is tuned for")
    max: tuple[Size, ...] = Field(description="largest shape that the engine takes")

    @model_validator(mode="after")
    def _in_order(self) -> "Shapes":
        sizes = zip(self.min, self.opt, self.max, strict=False)
        for axis, (low, best, high) in enumerate(sizes):
            if not low <= best <= high:
                raise PydanticCustomError(
                    "range_out_of_order",
                    "min {min}, opt {opt}, max {max} of dimension {axis} are not in ascending "
                    "order",
                    {"min": low, "opt": best, "max": high, "axis": axis},
                )
        return self


class Ranges(Params):
    """The sizes of one optimization profile."""

    batch: Range = Field(
        default=Range(min=1, opt=8, max=32),
        description="Batch sizes, in samples, where the model's first dimension is free.",
    )
    dimensions: dict[str, Range] = Field(
        default={},
        description="Sizes of other free dimensions, in elements, by the dimension's name.",
    )
    shapes: dict[str, Shapes] = Field(
        default={},
        description="Whole shapes of inputs, by the input's name, instead of sizes by dimension.",
        examples=[{"x": {"min": [1, 3, 64, 64], "opt": [8, 3, 64, 64], "max": [8, 3, 96, 96]}}],
    )


class Profile(NamedTuple):
    """What one input may look like: its smallest, best and largest shape."""

    min: tuple[int, ...]
    opt: tuple[int, ...]
    max: tuple[int, ...]

    def __str__(self) -> str:
        low, best, high = ("×".join(map(str, shape)) for shape in self)
        return f"{low} to {high}, tuned for {best}"


def profile_of(inputs: Sequence[TensorSpec], ranges: Ranges, at: Place = ()) -> dict[str, Profile]:
    """Give the profile of every input that has a free dimension.

    Raises OperatorError below `at` where a dimension has no range, on a name that no dimension or
    input has, and on a shape that the input can't have.
    """
    by_name = {spec.name: spec for spec in inputs}
    for name, shapes in ranges.shapes.items():
        place = (*at, "shapes", name)
        if name not in by_name:
            offered = ", ".join(by_name)
            raise OperatorError(
                f"the model has no input {name!r}", at=place, hint=f"inputs: {offered}"
            )
        _check_shapes(by_name[name], shapes, place)
    sizes = ranges_of([s for s in inputs if s.name not in ranges.shapes], ranges, at)
    found = {}
    for spec in inputs:
        if spec.name in ranges.shapes:
            stated = ranges.shapes[spec.name]
            found[spec.name] = Profile(stated.min, stated.opt, stated.max)
        elif any(isinstance(dim, str) for dim in spec.shape):
            found[spec.name] = _profile(spec, sizes)
    return found


def ranges_of(inputs: Sequence[TensorSpec], ranges: Ranges, at: Place = ()) -> dict[str, Range]:
    """Give the range of every free dimension by its name, in the order of the inputs.

    A free first dimension is the batch, under whatever name, unless `dimensions` has that name.
    Raises OperatorError where a dimension has no range, and on a name that no dimension has.
    """
    free = {dim: spec for spec in inputs for dim in spec.shape if isinstance(dim, str)}
    for name in ranges.dimensions:
        if name not in free:
            raise OperatorError(
                f"no input has a free dimension {name!r}",
                at=(*at, "dimensions", name),
                hint=f"free dimensions: {', '.join(free) or 'none'}",
            )
    batches = {spec.shape[0] for spec in inputs if spec.shape}
    found = {}
    for name, spec in free.items():
        if name in ranges.dimensions:
            found[name] = ranges.dimensions[name]
        elif name in batches:
            found[name] = ranges.batch
        else:
            raise OperatorError(
                f"dimension {name!r} of input {spec} is free and has no range",
                at=(*at, "dimensions"),
                hint=f"state it: dimensions: {{{name}: {{min: 1, opt: 128, max: 512}}}}",
            )
    return found


def _profile(spec: TensorSpec, ranges: Mapping[str, Range]) -> Profile:
    sizes = [
        (dim, dim, dim)
        if isinstance(dim, int)
        else (ranges[dim].min, ranges[dim].opt, ranges[dim].max)
        for dim in spec.shape
    ]
    smallest, best, largest = zip(*sizes, strict=True)
    return Profile(smallest, best, largest)


def _check_shapes(spec: TensorSpec, shapes: Shapes, at: Place) -> None:
    for name in ("min", "opt", "max"):
        if (count := len(getattr(shapes, name))) != len(spec.shape):
            raise OperatorError(
                f"input {spec} has {len(spec.shape)} dimensions, and this shape {count}",
                at=(*at, name),
            )
        for axis, (dim, size) in enumerate(zip(spec.shape, getattr(shapes, name), strict=True)):
            if isinstance(dim, int) and dim != size:
                raise OperatorError(
                    f"dimension {axis} of input {spec} is always {dim}", at=(*at, name, axis)
                )
