"""`clustering.unpack`: a packed model becomes a torch module again."""

from collections.abc import Mapping
from typing import Any, ClassVar

from recipec.api import (
    Artifact,
    Facts,
    NoParams,
    Operator,
    PlanContext,
    Port,
    RunContext,
    StagePlan,
    StageResult,
    TorchModule,
    Unknown,
)
from recipec_clustering.kind import Codebooks
from recipec_clustering.weights import TORCH


class Unpack(Operator[NoParams]):
    """Looks the weights up in their codebooks: equal to those that were packed."""

    id = "clustering.unpack"
    version = 1
    summary = "A file of codebooks becomes a torch module again, with equal weights"
    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(Codebooks, "codebooks and indices")}
    outputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "the module")}
    requires = TORCH

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        """State the module that was packed."""
        packed = inputs["model"]
        assert isinstance(packed, Codebooks)
        made = TorchModule(
            inputs=packed.inputs,
            outputs=packed.outputs,
            layers=packed.layers,
            precision=packed.precision,
            quantization=packed.quantization,
        )
        work = None
        if not isinstance(packed.codebooks, Unknown):
            work = sum(codebook.elements * codebook.bits for codebook in packed.codebooks)
        return StagePlan({"model": made}, work=work)

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        """Read the file and save the module."""
        from recipec_clustering._unpack import unpack

        return unpack(inputs["model"], context)
