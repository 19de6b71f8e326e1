"""What all operators on ONNX graphs have in common: a model in, a model out, outputs compared."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, NamedTuple, TypeVar, cast

from pydantic import Field

from recipec.api import (
    DataSamples,
    Facts,
    OnnxModel,
    Operator,
    OperatorError,
    Params,
    PlanContext,
    Port,
    Requirement,
    StagePlan,
    Unknown,
)
from recipec.api.data import inputs_mismatch
from recipec.api.output_check import OutputCheck


class SurgeryParams(Params):
    """What every operator on ONNX graphs takes."""

    check: OutputCheck = Field(
        OutputCheck(),
        description="How outputs are compared with what they were. Left out, the tolerance is 1e-4 "
        "of their range.",
    )


class Foreseen(NamedTuple):
    """What surgery will make of a model, what it changes (counts by name), and words for it."""

    model: OnnxModel
    changed: Mapping[str, int | Unknown]
    effects: tuple[str, ...] = ()


P = TypeVar("P", bound=SurgeryParams)


class Surgery(Operator[P]):
    """An operator from an ONNX model to an ONNX model.

    The result passes ONNX's checker and shape inference. Its outputs are compared with those of
    before in onnxruntime, on the samples of `check`.
    """

    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(OnnxModel, "the model to operate on")}
    outputs: ClassVar[Mapping[str, Port]] = {"model": Port(OnnxModel, "the model afterwards")}
    requires: ClassVar[tuple[Requirement, ...]] = (
        Requirement("python:onnx>=1.17", 'pip install "recipec[onnx]"'),
        Requirement("python:onnx-graphsurgeon>=0.5.8", 'pip install "recipec[onnx]"'),
        Requirement("python:onnxruntime>=1.20", 'pip install "recipec[onnx]"'),
    )

    @abstractmethod
    def foresee(self, model: OnnxModel) -> Foreseen:
        """Say what becomes of a model with these facts. Raises OperatorError."""

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        model = cast(OnnxModel, inputs["model"])
        data = inputs.get("check.data")
        if (
            isinstance(data, DataSamples)
            and not isinstance(model.inputs, Unknown)
            and not isinstance(data.inputs, Unknown)
            and (reason := inputs_mismatch(model.inputs, data.inputs))
        ):
            raise OperatorError(reason, at=("check", "data"))
        foreseen = self.foresee(model)
        return StagePlan(
            outputs={"model": foreseen.model},
            effects=foreseen.effects,
            changed=foreseen.changed,
            work=self._work(model, data),
        )

    def _work(self, model: OnnxModel, data: Facts | None) -> int | None:
        """Count the multiply-adds of the check: both models on the same samples."""
        count = data.count if isinstance(data, DataSamples) else self.with_.check.samples
        if isinstance(model.layers, Unknown) or isinstance(count, Unknown):
            return None
        return 2 * min(self.with_.check.samples, count) * model.layers.macs
