"""`data.python`: a dataset written in Python, installed or in a file beside the recipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    DataSamples,
    DataSource,
    Facts,
    ImportString,
    LocalFile,
    OperatorError,
    PlanContext,
    RunContext,
    StagePlan,
    TensorSpec,
    Unknown,
)
from recipec_data.packages import NUMPY
from recipec_data.parts import PartParams

_UNSEEN = (
    "known by its code, arguments and files: if it reads anything else, state a `version`, or a "
    "change of that goes unnoticed"
)


class PythonParams(PartParams):
    source: ImportString = Field(
        description="A dataset (an object with __len__ and __getitem__, which gives (x, label) or "
        "x), two arrays (x, labels), recipec.api.data.Samples, or a function or class that makes "
        "one of these: 'package.module:name' or 'file.py:name'."
    )
    args: dict[str, Any] = Field({}, description="Keyword arguments of the function or class.")
    files: dict[str, LocalFile] = Field(
        {},
        description="Files that the code reads, by the keyword argument that gets the path. Their "
        "bytes are part of the data's identity.",
    )
    classes: int | None = Field(
        None,
        ge=1,
        description="Number of classes; null to take it from the dataset (its labels in memory, "
        "or its `classes`, as torchvision's have).",
    )
    version: str | None = Field(
        None,
        min_length=1,
        description="Names the state of whatever else the code reads (a database, a folder, a "
        "download). Change it when that changes, or results for the old data are reused.",
    )


class PythonDataset(DataSource[PythonParams]):
    """Any dataset that Python code gives. Planning calls the code once and remembers the facts."""

    id = "data.python"
    version = 1
    summary = "a dataset from Python code: a torch-like one, or a function that makes arrays"
    params = PythonParams
    requires = (NUMPY,)
    loader: ClassVar[str] = "recipec_data._python:load"

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        if context.missing(NUMPY):
            return StagePlan({"samples": DataSamples(split=self.with_.split)})
        seen = context.inspect(
            "recipec_data._python:describe",
            {
                "name": self.with_.source,
                "args": self.with_.args,
                "files": {n: str(context.file(file)) for n, file in self.with_.files.items()},
                "version": self.with_.version,
            },
            code=self.with_.source,
            files=tuple(self.with_.files.values()),
            packages=("numpy",),
        )
        return StagePlan(
            {
                "samples": DataSamples(
                    count=self.with_.part_count(seen["count"]),
                    inputs=tuple(TensorSpec.model_validate(spec) for spec in seen["inputs"]),
                    classes=self._classes(seen),
                    split=self.with_.split,
                )
            },
            effects=() if self.with_.version else (_UNSEEN,),
        )

    def _classes(self, seen: Mapping[str, Any]) -> int | Unknown | None:
        stated, found = self.with_.classes, seen["classes"]
        if not seen["labels"]:
            if stated is not None:
                raise OperatorError("the dataset has no labels", at=("classes",))
            return None
        if stated is not None and seen["largest"] is not None and stated <= seen["largest"]:
            raise OperatorError(f"the dataset has the label {seen['largest']}", at=("classes",))
        return stated or found or UNKNOWN

    @property
    def identified(self) -> bool:
        """What arbitrary code reads is known only if the recipe states it."""
        return self.with_.version is not None or bool(self.with_.files)

    def arguments(self, context: RunContext) -> Mapping[str, Any]:
        path = context.source(self.with_.source)
        return {
            "source": self.with_.source
            if path is None
            else f"{path.name}:{self.with_.source.name}",
            "folder": None if path is None else str(path.parent),
            "args": self.with_.args,
            "files": {name: str(context.file(file)) for name, file in self.with_.files.items()},
            "part": self.with_.part,
        }
