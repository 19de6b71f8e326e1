"""`data.mnist1d`: a second small task, a signal instead of an image."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from pydantic import Field

from recipec.api import (
    DataSamples,
    DataSource,
    Facts,
    PlanContext,
    RunContext,
    StagePlan,
    TensorSpec,
)
from recipec_data.drawing import SubsetParams
from recipec_data.packages import MNIST1D, NUMPY, SCIPY
from recipec_data.parts import Split
from recipec_data.scaling import NormalizeParams

COUNTS: Final[Mapping[Split, int]] = {"train": 3500, "validation": 500, "test": 1000}
"""Samples of each split. The package's own test set is `test`; its training set is divided."""


class Mnist1dParams(SubsetParams, NormalizeParams):
    split: Split = Field(
        description="Which part: train (3500 samples), validation (500) or test (1000, the "
        "package's own test set)."
    )


class Mnist1d(DataSource[Mnist1dParams]):
    """Signals of 40 steps in the shape of the ten digits, made by `mnist1d.make_dataset`.

    They are made, not downloaded, with the package's own arguments and seed (42), and have mean 0
    and standard deviation 1. Source: Greydanus and Kobak, "Scaling Down Deep Learning with
    MNIST-1D", ICML 2024.
    """

    id = "data.mnist1d"
    version = 1
    summary = "MNIST-1D: 5000 signals of 40 steps in ten classes, made without a download"
    params = Mnist1dParams
    requires = (NUMPY, SCIPY, MNIST1D)
    loader: ClassVar[str] = "recipec_data._mnist1d:load"

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        return StagePlan(
            {
                "samples": DataSamples(
                    count=self.with_.drawn_count(COUNTS[self.with_.split]),
                    inputs=(TensorSpec(name="x", shape=("N", 1, 40)),),
                    classes=10 if self.with_.labels else None,
                    split=self.with_.split,
                    preprocessing=self.with_.preprocessing(1.0),
                )
            }
        )

    def arguments(self, context: RunContext) -> Mapping[str, Any]:
        return {
            "split": self.with_.split,
            "mean": self.with_.mean,
            "std": self.with_.std,
            "subset": self.with_.subset,
        }
