"""`onnx.model`: an ONNX file from anywhere."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from recipec.api import (
    Artifact,
    Facts,
    LocalFile,
    ModelSource,
    OnnxModel,
    OperatorError,
    Params,
    PlanContext,
    Port,
    Requirement,
    RunContext,
    StagePlan,
    StageResult,
)


class OnnxModelParams(Params):
    """Parameters of `onnx.model`."""

    file: LocalFile = Field(description="The ONNX file.", examples=["model.onnx"])
    external_data: tuple[LocalFile, ...] = Field(
        (),
        description="The files that hold the model's weights where it keeps them outside, or the "
        "folder that holds these files. All that it names must be here, so that a change in one "
        "is seen.",
        examples=[["model.onnx.data"]],
    )


class OnnxSource(ModelSource[OnnxModelParams]):
    """An ONNX file of any opset, made by whatever made it.

    ONNX's checker must accept it. Weights that stand in other files are brought into the one file
    that the artifact is; everything else stays as it is, metadata too.
    """

    id: ClassVar[str] = "onnx.model"
    version: ClassVar[int] = 1
    summary: ClassVar[str] = "An ONNX file from anywhere, as it is"
    params = OnnxModelParams
    outputs: ClassVar[Mapping[str, Port]] = {"model": Port(OnnxModel, "the model, in one file")}
    requires: ClassVar[tuple[Requirement, ...]] = (
        Requirement("python:onnx>=1.17", 'pip install "recipec[onnx]"'),
    )

    @property
    def needs_example(self) -> bool:
        return False

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        """Read the file's facts, once. Raises OperatorError when it isn't what it should be."""
        if any(context.missing(requirement) for requirement in self.requires):
            return StagePlan({"model": OnnxModel()})
        try:
            seen = context.inspect(
                "recipec_onnx._model:inspect",
                {
                    "file": str(context.file(self.with_.file)),
                    "external_data": [str(context.file(f)) for f in self.with_.external_data],
                },
                files=(self.with_.file, *self.with_.external_data),
                packages=("onnx",),
            )
        except OperatorError as problem:
            at = problem.at or ("file",)
            raise OperatorError(problem.message, at=at, hint=problem.hint) from problem
        made = OnnxModel.from_json(seen["facts"])
        return StagePlan({"model": made}, effects=tuple(seen["effects"]))

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_onnx._model import bring

        external = [context.file(file) for file in self.with_.external_data]
        path = context.path_for("model")
        return StageResult({"model": bring(context.file(self.with_.file), external, path)})
