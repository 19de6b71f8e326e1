"""`data.npz`: arrays saved by `numpy.savez`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    DataSamples,
    DataSource,
    Facts,
    LocalFile,
    OperatorError,
    PlanContext,
    Preprocessing,
    RunContext,
    StagePlan,
    TensorSpec,
    Unknown,
)
from recipec_data.npz_header import NpyHeader, largest_label, read_headers
from recipec_data.packages import NUMPY
from recipec_data.parts import PartParams
from recipec_data.scaling import ScalingParams


class NpzParams(PartParams, ScalingParams):
    """Scaling applies to unsigned bytes and floats, which become float32; other whole numbers
    (token ids) become int64."""

    file: LocalFile = Field(description="File made by numpy.savez or numpy.savez_compressed.")
    inputs: tuple[str, ...] = Field(
        ("x",),
        min_length=1,
        description="Names of the arrays that are the model's inputs, samples on the first axis. "
        "Images: [N, C, H, W].",
    )
    labels: str | None = Field(
        "y", description="Name of the array of class labels, whole numbers [N]; null without."
    )
    classes: int | None = Field(
        None, ge=1, description="Number of classes; null for the largest label plus one."
    )


class Npz(DataSource[NpzParams]):
    """Arrays of an NPZ file. Pickled objects in it are refused, not loaded."""

    id = "data.npz"
    version = 1
    summary = "arrays saved by numpy.savez"
    params = NpzParams
    requires = (NUMPY,)
    loader: ClassVar[str] = "recipec_data._npz:load"

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        path, names = context.file(self.with_.file), self.with_.inputs
        label_names = () if self.with_.labels is None else (self.with_.labels,)
        places = ("inputs",) * len(names) + ("labels",) * len(label_names)
        headers = read_headers(path, names + label_names, places)
        arrays, label_arrays = headers[: len(names)], headers[len(names) :]
        count = self._count(arrays, label_arrays)
        classes = None
        for name, header in zip(label_names, label_arrays, strict=True):
            classes = largest_label(path, name, header) + 1
            if self.with_.classes is not None and self.with_.classes < classes:
                raise OperatorError(f"{name!r} holds the label {classes - 1}", at=("classes",))
            classes = self.with_.classes or classes
        specs = tuple(
            TensorSpec(
                name=name,
                shape=("N", *header.shape[1:]),
                dtype="float32" if is_scaled(header.name) else "int64",
            )
            for name, header in zip(names, arrays, strict=True)
        )
        facts = DataSamples(
            count=self.with_.part_count(count),
            inputs=specs,
            classes=classes,
            split=self.with_.split,
            preprocessing=self._preprocessing(arrays),
        )
        return StagePlan({"samples": facts})

    def _preprocessing(self, arrays: list[NpyHeader]) -> Preprocessing | Unknown:
        """Give what is done to all arrays alike, UNKNOWN where it isn't the same for all."""
        if not all(is_scaled(header.name) for header in arrays):
            return UNKNOWN
        divisors = {self.with_.divided_by(header.name) for header in arrays}
        return self.with_.preprocessing(divisors.pop()) if len(divisors) == 1 else UNKNOWN

    def _count(self, arrays: list[NpyHeader], labels: list[NpyHeader]) -> int:
        for place, headers in (("inputs", arrays), ("labels", labels)):
            for header in headers:
                if not header.shape or header.shape[:1] != arrays[0].shape[:1]:
                    raise OperatorError(
                        f"an array of shape {list(header.shape)} beside one of "
                        f"{list(arrays[0].shape)}: the first axis must be the samples",
                        at=(place,),
                    )
        if not arrays[0].shape[0]:
            raise OperatorError("the arrays are empty", at=("inputs",))
        return arrays[0].shape[0]

    def arguments(self, context: RunContext) -> Mapping[str, Any]:
        return {
            "file": str(context.file(self.with_.file)),
            "inputs": list(self.with_.inputs),
            "labels": self.with_.labels,
            "part": self.with_.part,
            "scaling": self.with_.scaling,
        }


def is_scaled(dtype: str) -> bool:
    """Say whether values of this type become scaled float32; others become int64."""
    return dtype == "uint8" or dtype.startswith("float")
