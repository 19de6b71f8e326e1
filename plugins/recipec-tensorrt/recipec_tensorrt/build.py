"""`tensorrt.build`: an engine from an ONNX model."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, cast

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    Artifact,
    Facts,
    OnnxModel,
    Operator,
    OperatorError,
    Params,
    PlanContext,
    Port,
    Quantization,
    RunContext,
    StagePlan,
    StageResult,
    TensorRTEngine,
    Unknown,
)
from recipec.api.units import ByteSize
from recipec_tensorrt.profile import Range, ranges_of
from recipec_tensorrt.runtimes import COMPUTE_CAPABILITIES, RUNTIMES, Runtime, RuntimeName

ComputeCapability = Annotated[
    str,
    Field(
        pattern=r"^\d+\.\d$",
        examples=["8.9"],
        json_schema_extra={"x-recipec-wanted": "a compute capability in quotes, such as '8.9'"},
    ),
]


class BuildParams(Params):
    """Which GPUs, shapes and memory an engine is built for."""

    runtime: RuntimeName = Field(
        "tensorrt-rtx",
        description="The library that builds and will run the engine: tensorrt-rtx (TensorRT for "
        "RTX) builds ahead of time and without a GPU, tensorrt for the GPU of this machine.",
    )
    compute_capabilities: tuple[ComputeCapability, ...] = Field(
        (),
        description="The GPUs that the one engine is for, by compute capability, e.g. 8.9; left "
        "empty: 8.0, 8.6, 8.9 and 12.0. tensorrt-rtx only.",
    )
    batch: Range = Field(
        Range(min=1, opt=8, max=32),
        description="Batch sizes, in samples, where the model's first dimension is free.",
    )
    dimensions: dict[str, Range] = Field(
        {},
        description="Sizes of other free dimensions, in elements, by the dimension's name.",
    )
    workspace: ByteSize = Field(
        "1GiB",
        description="The most memory that any layer may use beside its inputs and outputs, as a "
        "number of bytes with its unit.",
    )
    timing_cache: bool = Field(
        False,
        description="Whether a build that failed leaves its kernel timings to the next attempt. "
        "tensorrt only: tensorrt-rtx times kernels when the engine first runs, not before.",
    )

    @property
    def built_for(self) -> tuple[str, ...]:
        """The compute capabilities to set; none of them for a runtime that takes the GPU here."""
        if not RUNTIMES[self.runtime].ahead_of_time:
            return ()
        return self.compute_capabilities or ("8.0", "8.6", "8.9", "12.0")


class Build(Operator[BuildParams]):
    """Parses the model into a strongly typed network: tensors keep the types the file gives them.

    So the precision is decided by the model: fp32, fp16, or int8 by Q/DQ pairs, which TensorRT
    wants symmetric (zero point 0).

    With tensorrt-rtx two builds give the same bytes. With tensorrt they don't have to: it times
    kernels on the GPU and takes the fastest. Its timing cache is therefore a thing of this machine
    and this attempt, and stays in the stage's scratch folder; it is no part of the artifact.
    """

    id = "tensorrt.build"
    version = 1
    summary = "Build a TensorRT engine from an ONNX model"
    params = BuildParams
    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(OnnxModel, "the model to build")}
    outputs: ClassVar[Mapping[str, Port]] = {"engine": Port(TensorRTEngine, "the engine")}

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        runtime = RUNTIMES[self.with_.runtime]
        model = cast(OnnxModel, inputs["model"])
        check(self.with_, runtime, model.quantization)
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
                )
            },
            effects=tuple(effects(self.with_, model)),
            requires=runtime.requires,
        )

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_tensorrt._build import build

        model = inputs["model"]
        check(self.with_, RUNTIMES[self.with_.runtime], model.facts.quantization)
        return build(self.with_, model, context)


def check(
    params: BuildParams, runtime: Runtime, quantization: Quantization | Unknown | None
) -> None:
    """Raise OperatorError on parameters that the runtime doesn't take, and on a model for CPUs."""
    if params.compute_capabilities and not runtime.ahead_of_time:
        raise OperatorError(
            f"{runtime.name} builds for the GPU of this machine and for no other",
            at=("compute_capabilities",),
            hint="leave compute_capabilities out, or take `runtime: tensorrt-rtx`",
        )
    if params.timing_cache and runtime.ahead_of_time:
        raise OperatorError(
            f"{runtime.name} times no kernels when it builds, so it has no timing cache",
            at=("timing_cache",),
            hint="leave timing_cache out",
        )
    for index, wanted in enumerate(params.compute_capabilities):
        if wanted not in COMPUTE_CAPABILITIES:
            raise OperatorError(
                f"{runtime.name} builds for no GPU of compute capability {wanted}",
                at=("compute_capabilities", index),
                hint=f"it builds for {', '.join(COMPUTE_CAPABILITIES)}",
            )
        if wanted in params.compute_capabilities[:index]:
            raise OperatorError(f"{wanted} is there twice", at=("compute_capabilities", index))
    if isinstance(quantization, Quantization) and quantization.target != "tensorrt":
        raise OperatorError(
            f"the model is quantized for {quantization.target} runtimes, with "
            f"{quantization.activations} activations; TensorRT takes symmetric int8 only",
            hint="quantize it for this engine with `target: tensorrt`",
        )


def effects(params: BuildParams, model: OnnxModel) -> Iterator[str]:
    """Say for the reviewer what the engine will be good for. Raises OperatorError on its ranges."""
    if params.built_for:
        yield f"one engine for GPUs of compute capability {', '.join(params.built_for)}"
    else:
        yield "an engine for the kind of GPU that it is built on"
    if not isinstance(model.inputs, Unknown):
        ranges = ranges_of(model.inputs, params.batch, params.dimensions)
        for name, sizes in ranges.items():
            yield f"{name}: {sizes}"
        if not ranges:
            yield "all shapes are fixed: no optimization profile"
