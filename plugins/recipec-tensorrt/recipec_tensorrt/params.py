"""Parameters of `tensorrt.build`."""

from typing import Annotated

from pydantic import Field

from recipec.api import Params
from recipec.api.units import ByteSize
from recipec_tensorrt.profile import Place, Range, Ranges, Shapes
from recipec_tensorrt.runtimes import RUNTIMES, RuntimeName

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
    shapes: dict[str, Shapes] = Field(
        {},
        description="Whole shapes of inputs, by the input's name, instead of sizes by dimension.",
    )
    profiles: tuple[Ranges, ...] = Field(
        (),
        description="Several optimization profiles in one engine, each with its own `batch`, "
        "`dimensions` and `shapes`, instead of those above. Who runs the engine chooses one.",
        examples=[
            [
                {"batch": {"min": 1, "opt": 1, "max": 1}},
                {"batch": {"min": 2, "opt": 16, "max": 32}},
            ]
        ],
    )
    workspace: ByteSize = Field(
        "1GiB",
        description="The most memory that any layer may use beside its inputs and outputs, as a "
        "number of bytes with its unit.",
    )
    sparse_weights: bool = Field(
        False,
        description="Whether kernels may be chosen that skip the zeros of 2:4 weights "
        "(prune.semi_structured). tensorrt only: it changes no engine of tensorrt-rtx.",
    )
    timing_cache: bool = Field(
        False,
        description="Whether a build that failed leaves its kernel timings to the next attempt. "
        "tensorrt only: tensorrt-rtx times kernels when the engine first runs, not before.",
    )

    @property
    def ranges(self) -> Ranges:
        """What `batch`, `dimensions` and `shapes` say."""
        return Ranges(batch=self.batch, dimensions=self.dimensions, shapes=self.shapes)

    def placed_ranges(self) -> tuple[tuple[Ranges, Place], ...]:
        """The ranges of each profile, and where they are written."""
        if not self.profiles:
            return ((self.ranges, ()),)
        return tuple((ranges, ("profiles", i)) for i, ranges in enumerate(self.profiles))

    @property
    def built_for(self) -> tuple[str, ...]:
        """The compute capabilities to set; none of them for a runtime that takes the GPU here."""
        if not RUNTIMES[self.runtime].ahead_of_time:
            return ()
        return self.compute_capabilities or ("8.0", "8.6", "8.9", "12.0")
