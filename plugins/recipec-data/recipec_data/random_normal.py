"""`data.random`: samples that have nothing but a shape, for speed and size."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from recipec.api import (
    DataSamples,
    DataSource,
    Facts,
    Frozen,
    OperatorError,
    Params,
    PlanContext,
    RunContext,
    StagePlan,
    TensorSpec,
)
from recipec_data.packages import NUMPY
from recipec_data.parts import Split


class RandomInput(Frozen):
    """One array."""

    shape: tuple[Literal["N"] | int, ...] = Field(
        min_length=1, description="Its shape, with N for the samples first: [N, 3, 224, 224]."
    )
    dtype: Literal["float32", "int64"] = Field(
        "float32", description="float32: standard normal values; int64: whole numbers."
    )
    below: int = Field(
        2, ge=1, description="Whole numbers are drawn from 0 up to, without, this bound."
    )


class RandomParams(Params):
    input: dict[str, RandomInput] = Field(
        min_length=1, description="The arrays by name, as a model's `input` describes them."
    )
    count: int = Field(256, ge=1, description="Number of samples.")
    classes: int | None = Field(
        None, ge=1, description="Number of classes to draw random labels from; null without labels."
    )
    seed: int = Field(0, ge=0, description="Seed of the values; the recipe's own doesn't matter.")
    split: Split | None = Field(None, description="What the samples are for.")


class RandomNormal(DataSource[RandomParams]):
    """Seeded random samples, each drawn when it is read: no file, and hardly any memory."""

    id = "data.random"
    version = 1
    summary = "seeded random samples of a given shape, for latency and size"
    params = RandomParams
    requires = (NUMPY,)
    loader: ClassVar[str] = "recipec_data._random:load"

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        for name, array in self.with_.input.items():
            batch, *rest = array.shape
            if batch != "N" or any(size == "N" or size < 1 for size in rest):
                raise OperatorError(
                    f"{list(array.shape)} isn't N followed by positive numbers",
                    at=("input", name, "shape"),
                    hint="for example [N, 3, 224, 224]",
                )
        return StagePlan(
            {
                "samples": DataSamples(
                    count=self.with_.count,
                    inputs=tuple(
                        TensorSpec(name=name, shape=array.shape, dtype=array.dtype)
                        for name, array in self.with_.input.items()
                    ),
                    classes=self.with_.classes,
                    split=self.with_.split,
                )
            }
        )

    def arguments(self, context: RunContext) -> Mapping[str, Any]:
        return {
            "inputs": {name: array.model_dump() for name, array in self.with_.input.items()},
            "count": self.with_.count,
            "classes": self.with_.classes,
            "seed": self.with_.seed,
        }
