"""`tensorrt.build`: an engine from an ONNX model."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, cast

from recipec.api import (
    UNKNOWN,
    Artifact,
    Facts,
    OnnxModel,
    Operator,
    PlanContext,
    Port,
    Requirement,
    RunContext,
    StagePlan,
    StageResult,
    TensorRTEngine,
    Unknown,
)
from recipec_tensorrt.checks import check, check_operators
from recipec_tensorrt.listing import EngineLayers
from recipec_tensorrt.params import BuildParams
from recipec_tensorrt.profile import profile_of, ranges_of
from recipec_tensorrt.runtimes import RUNTIMES


class Build(Operator[BuildParams]):
    """Parses the model into a strongly typed network: tensors keep the types the file gives them.

    So the precision is decided by the model: fp32, fp16, or int8 by Q/DQ pairs, which TensorRT
    wants symmetric (zero point 0).

    With tensorrt-rtx two builds give the same bytes. With tensorrt they don't have to: it times
    kernels on the GPU and takes the fastest. Its timing cache is therefore a thing of this machine
    and this attempt, and stays in the stage's scratch folder; it is no part of the artifact.
    """

    id = "tensorrt.build"
    version = 2
    summary = "Build a TensorRT engine from an ONNX model"
    params = BuildParams
    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(OnnxModel, "the model to build")}
    outputs: ClassVar[Mapping[str, Port]] = {
        "engine": Port(TensorRTEngine, "the engine"),
        "layers": Port(EngineLayers, "its layers, one by one, with their types"),
    }

    requires: ClassVar[tuple[Requirement, ...]] = (
        Requirement("python:onnx>=1.17", 'pip install "recipec[tensorrt-rtx]"'),
    )

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        runtime = RUNTIMES[self.with_.runtime]
        model = cast(OnnxModel, inputs["model"])
        check(self.with_, runtime, model.quantization)
        check_operators(model, runtime, context)
        return StagePlan(
            outputs={
                "engine": TensorRTEngine(
                    inputs=model.inputs,
                    outputs=model.outputs,
                    precision=model.precision,
                    quantization=model.quantization,
                    runtime=runtime.name,
                    runtime_version=runtime.planned_version(context),
                    compute_capabilities=self.with_.built_for or UNKNOWN,
                ),
                "layers": EngineLayers(),
            },
            effects=tuple(effects(self.with_, model)),
            requires=runtime.requires,
        )

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_tensorrt._build import build

        model = inputs["model"]
        check(self.with_, RUNTIMES[self.with_.runtime], model.facts.quantization)
        return build(self.with_, model, context)


def effects(params: BuildParams, model: OnnxModel) -> Iterator[str]:
    """Say for the reviewer what the engine will be good for. Raises OperatorError on its ranges."""
    if params.built_for:
        yield f"one engine for GPUs of compute capability {', '.join(params.built_for)}"
    else:
        yield "an engine for the kind of GPU that it is built on"
    if params.sparse_weights:
        yield "kernels may skip the zeros of 2:4 weights"
    if isinstance(model.inputs, Unknown):
        return
    placed = params.placed_ranges()
    for number, (ranges, at) in enumerate(placed, 1):
        which = f"profile {number} of {len(placed)}: " if len(placed) > 1 else ""
        profile = profile_of(model.inputs, ranges, at)
        if not profile:
            yield "all shapes are fixed: no optimization profile"
            return
        others = [spec for spec in model.inputs if spec.name not in ranges.shapes]
        for name, sizes in ranges_of(others, ranges, at).items():
            yield f"{which}{name}: {sizes}"
        for name in ranges.shapes:
            yield f"{which}{name}: {profile[name]}"
