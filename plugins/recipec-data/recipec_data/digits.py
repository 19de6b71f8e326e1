"""`data.digits`: the quick start's data, which needs no file."""

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
from recipec_data.packages import NUMPY, SKLEARN
from recipec_data.parts import Split
from recipec_data.scaling import NormalizeParams

COUNTS: Final[Mapping[Split, int]] = {"train": 1017, "validation": 180, "test": 600}
"""Samples of each split. They are fixed, so that no two entries of a recipe can overlap."""


class DigitsParams(SubsetParams, NormalizeParams):
    split: Split = Field(
        description="Which part: train (1017 samples, 57 %), validation (180, 10 %) or test "
        "(600, 33 %). Each has the same share of every class, to one sample."
    )


class Digits(DataSource[DigitsParams]):
    """scikit-learn's 1797 handwritten digits of 8×8 pixels, values 0 to 16 scaled to 0 to 1.

    Source: Alpaydin and Kaynak, "Optical Recognition of Handwritten Digits", UCI, 1998 (its test
    set). The test split is larger than a third so that a drop of one point can be told from chance.
    """

    id = "data.digits"
    version = 1
    summary = "1797 handwritten digits of 8×8 pixels, from scikit-learn: no file needed"
    params = DigitsParams
    requires = (NUMPY, SKLEARN)
    loader: ClassVar[str] = "recipec_data._digits:load"

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        return StagePlan(
            {
                "samples": DataSamples(
                    count=self.with_.drawn_count(COUNTS[self.with_.split]),
                    inputs=(TensorSpec(name="x", shape=("N", 1, 8, 8)),),
                    classes=10 if self.with_.labels else None,
                    split=self.with_.split,
                    preprocessing=self.with_.preprocessing(16.0),
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
