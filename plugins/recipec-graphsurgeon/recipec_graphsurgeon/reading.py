"""How a graph reads an input of another type, and what it would lose by an output's."""

from typing import Annotated, Final

from pydantic import Field

from recipec.api import OperatorError, Params, TensorSpec
from recipec_graphsurgeon.tensors import DType, Place

FLOATS: Final = ("float64", "float32", "float16", "bfloat16")

Number = Annotated[float, Field(allow_inf_nan=False)]
Factor = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Reading(Params):
    """How an input of another type is read: value = stored · scale + offset."""

    dtype: DType = Field(description="The new type.")
    scale: Factor | tuple[Factor, ...] = Field(
        default=1.0,
        description="What a stored value is multiplied by: one number, or one for each channel "
        "(axis 1).",
        examples=[0.00392156862745098],
    )
    offset: Number | tuple[Number, ...] = Field(
        default=0.0,
        description="What is added then: one number, or one for each channel (axis 1).",
    )

    @property
    def arithmetic(self) -> tuple[str, ...]:
        """The operators that are put behind the Cast."""
        scaled = any(factor != 1.0 for factor in _listed(self.scale))
        return (*(["Mul"] if scaled else []), *(["Add"] if any(_listed(self.offset)) else []))

    def added(self, dtype: str) -> tuple[str, ...]:
        """The operators that are put behind an input that has been a `dtype`."""
        return (*(["Cast"] if self.dtype != dtype else []), *self.arithmetic)

    @property
    def per_channel(self) -> bool:
        """Whether vectors are stored in the model, which layer tables count as parameters."""
        return isinstance(self.scale, tuple) or isinstance(self.offset, tuple)


def _listed(value: float | tuple[float, ...]) -> tuple[float, ...]:
    return value if isinstance(value, tuple) else (value,)


def check_input(spec: TensorSpec, reading: Reading, at: Place) -> None:
    """Raise OperatorError where an input can't be read so."""
    if spec.dtype == "string":
        raise OperatorError(f"input {spec} is text, which has no other type", at=at)
    if reading.dtype in FLOATS and spec.dtype not in FLOATS:
        raise OperatorError(
            f"input {spec} takes whole numbers: as {reading.dtype} they would lose their fractions",
            at=at,
            hint="take an integer type",
        )
    if reading.arithmetic and spec.dtype not in FLOATS:
        raise OperatorError(
            f"input {spec} takes whole numbers, which a scale or offset doesn't give", at=at
        )
    for name, value in (("scale", reading.scale), ("offset", reading.offset)):
        if not isinstance(value, tuple):
            continue
        channels = spec.shape[1] if len(spec.shape) > 1 else None
        if not isinstance(channels, int):
            raise OperatorError(
                f"input {spec} has no channels (axis 1) of a known number", at=(*at, name)
            )
        if len(value) != channels:
            raise OperatorError(
                f"input {spec} has {channels} channels, and there are {len(value)} values",
                at=(*at, name),
            )


def check_output(spec: TensorSpec, dtype: DType, at: Place) -> None:
    """Raise OperatorError where an output can't have a type without losing what it says."""
    if spec.dtype == "string":
        raise OperatorError(f"output {spec} is text, which has no other type", at=at)
    if spec.dtype in FLOATS and dtype not in FLOATS:
        raise OperatorError(
            f"output {spec} would lose its fractions as {dtype}",
            at=at,
            hint="take float16, float32 or float64",
        )
    if dtype == "bool" and spec.dtype != "bool":
        raise OperatorError(f"output {spec} would be nothing but true and false as bool", at=at)
