"""`data.idx`: MNIST, Fashion-MNIST and other IDX files, compressed by gzip or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from recipec.api import (
    DataSamples,
    DataSource,
    Facts,
    LocalFile,
    OperatorError,
    PlanContext,
    RunContext,
    StagePlan,
    TensorSpec,
)
from recipec_data.idx_header import IdxHeader, largest_label, read_header
from recipec_data.packages import NUMPY
from recipec_data.parts import PartParams
from recipec_data.scaling import ScalingParams


class IdxParams(PartParams, ScalingParams):
    images: LocalFile = Field(
        description="IDX file of images [N, H, W] (one channel is put in), of samples [N, C, H, W] "
        "or of feature vectors [N, F]; compressed by gzip or not."
    )
    labels: LocalFile | None = Field(
        None, description="IDX file of class labels, one whole number per image; null without."
    )
    classes: int | None = Field(
        None, ge=1, description="Number of classes; null for the largest label plus one."
    )


class Idx(DataSource[IdxParams]):
    """IDX files. Planning reads the headers and the labels, so that all facts are exact."""

    id = "data.idx"
    version = 1
    summary = "IDX files (MNIST, Fashion-MNIST), compressed by gzip or not"
    params = IdxParams
    requires = (NUMPY,)
    loader: ClassVar[str] = "recipec_data._idx:load"

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        images = read_header(context.file(self.with_.images), "images")
        count = images.shape[0]
        if len(images.shape) not in (2, 3, 4) or 0 in images.shape:
            raise OperatorError(f"images of shape {list(images.shape)}", at=("images",))
        return StagePlan(
            {
                "samples": DataSamples(
                    count=self.with_.part_count(count),
                    inputs=(TensorSpec(name="x", shape=("N", *sample_shape(images))),),
                    classes=self._classes(count, context),
                    split=self.with_.split,
                    preprocessing=self.with_.preprocessing(self.with_.divided_by(images.dtype)),
                )
            }
        )

    def _classes(self, count: int, context: PlanContext) -> int | None:
        if self.with_.labels is None:
            return None
        path = context.file(self.with_.labels)
        header = read_header(path, "labels")
        if header.shape[0] != count:
            raise OperatorError(
                f"{header.shape[0]} labels for {count} images: {path.name} doesn't belong to "
                f"{context.file(self.with_.images).name}",
                at=("labels",),
            )
        found = largest_label(path, header, "labels") + 1
        if self.with_.classes is not None and self.with_.classes < found:
            raise OperatorError(f"{path.name} holds the label {found - 1}", at=("classes",))
        return self.with_.classes or found

    def arguments(self, context: RunContext) -> Mapping[str, Any]:
        labels = self.with_.labels
        return {
            "images": str(context.file(self.with_.images)),
            "labels": None if labels is None else str(context.file(labels)),
            "part": self.with_.part,
            "scaling": self.with_.scaling,
        }


def sample_shape(header: IdxHeader) -> tuple[int, ...]:
    """Give one sample's shape: images without a channel axis get one."""
    shape = header.shape[1:]
    return (1, *shape) if len(shape) == 2 else shape
