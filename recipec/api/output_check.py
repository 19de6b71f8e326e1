"""Parameters of operators that compare a changed ONNX model's outputs with what they were."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from recipec.api.artifacts import DataSamples, Facts, Model, TensorSpec
from recipec.api.data.shapes import inputs_mismatch
from recipec.api.errors import OperatorError
from recipec.api.params import Params
from recipec.api.references import DataRef
from recipec.api.units import Share
from recipec.api.unknown import Unknown


class OutputCheck(Params):
    """How outputs before and after are compared, in onnxruntime."""

    data: DataRef | None = Field(
        default=None,
        description="Real samples to compare on; without it, seeded random ones are used.",
    )
    samples: int = Field(default=64, ge=1, description="How many samples are compared.")
    sizes: dict[str, Annotated[int, Field(ge=1)]] = Field(
        default_factory=dict,
        description="For random samples: the lengths of free dimensions other than the batch, by "
        "name. One that isn't there is 16 long.",
        examples=[{"length": 32}],
    )
    tolerance: Annotated[Share, Field(gt=0)] | None = Field(
        default=None,
        description="What difference passes, as a share of the range of the outputs before "
        "(largest minus smallest). Left out, it is what the operator says of itself.",
    )


def refuse_other_inputs(model: Model, data: Facts | None, at: tuple[str | int, ...]) -> None:
    """Raise OperatorError at `at` when a model can't be given these samples.

    A model whose batch is fixed gets as many samples at a time as it wants.
    """
    if not isinstance(data, DataSamples) or isinstance(model.inputs, Unknown):
        return
    if reason := inputs_mismatch(batchless(model.inputs), data.inputs):
        raise OperatorError(reason, at=at)


def batchless(inputs: Sequence[TensorSpec]) -> tuple[TensorSpec, ...]:
    """Give inputs with a free batch in front of each."""
    return tuple(
        spec.model_copy(update={"shape": ("N", *spec.shape[1:])}) if spec.shape else spec
        for spec in inputs
    )
