"""`graphsurgeon.retype`: other types of a model's inputs and outputs."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    Artifact,
    OnnxModel,
    OperatorError,
    RunContext,
    StageResult,
    TensorSpec,
)
from recipec_graphsurgeon.reading import Reading, check_input, check_output
from recipec_graphsurgeon.surgery import Foreseen, Surgery, SurgeryParams
from recipec_graphsurgeon.tensors import DType, find


class RetypeParams(SurgeryParams):
    """Parameters of `graphsurgeon.retype`."""

    inputs: dict[str, DType | Reading] = Field(
        {},
        description="New types of inputs, by name; for integers that stand for numbers (the pixels "
        "of an image) with their scale and offset.",
        examples=[{"x": "float16"}, {"image": {"dtype": "uint8", "scale": 0.00392156862745098}}],
    )
    outputs: dict[str, DType] = Field(
        {}, description="New types of outputs, by name.", examples=[{"logits": "float16"}]
    )

    def reading(self, name: str) -> Reading:
        """How an input will be read."""
        given = self.inputs[name]
        return given if isinstance(given, Reading) else Reading(dtype=given)


class Retype(Surgery[RetypeParams]):
    """Gives inputs and outputs other types, with a Cast between them and the graph.

    Inside, everything is computed in the types of before. An image's pixels can go in as uint8,
    with the scaling of the data in the model; an engine that wants int32 tokens gets them.
    """

    id = "graphsurgeon.retype"
    version = 1
    summary = "Change the types of an ONNX model's inputs and outputs, with a Cast inside"
    params = RetypeParams

    def foresee(self, model: OnnxModel) -> Foreseen:
        if not self.with_.inputs and not self.with_.outputs:
            raise OperatorError("say what gets another type: `inputs`, `outputs` or both")
        if not isinstance(model.inputs, tuple) or not isinstance(model.outputs, tuple):
            unknown = {"inputs": UNKNOWN, "outputs": UNKNOWN, "layers": UNKNOWN}
            made = model.model_copy(update={**unknown, "operators": UNKNOWN})
            return Foreseen(made, {"tensors retyped": UNKNOWN})
        new, added = self.check(model.inputs, model.outputs)
        old = {spec.name: spec.dtype for spec in (*model.inputs, *model.outputs)}
        operators = model.operators
        if isinstance(operators, dict):
            counts = {op: operators.get(op, 0) + added.count(op) for op in {*operators, *added}}
            operators = dict(sorted(counts.items()))
        per_channel = any(self.with_.reading(name).per_channel for name in self.with_.inputs)
        made = model.model_copy(
            update={
                "inputs": _retyped(model.inputs, new),
                "outputs": _retyped(model.outputs, new),
                "operators": operators,
                "layers": UNKNOWN if per_channel else model.layers,
            }
        )
        effects = tuple(f"{name}: {old[name]} becomes {dtype}" for name, dtype in new.items())
        return Foreseen(made, {"tensors retyped": len(new)}, effects)

    def check(
        self, inputs: tuple[TensorSpec, ...], outputs: tuple[TensorSpec, ...]
    ) -> tuple[dict[str, str], list[str]]:
        """Give what really gets another type, or is scaled, and the operators that this adds.

        Raises OperatorError on names that aren't there, and on types that would lose something.
        """
        new: dict[str, str] = {}
        added: list[str] = []
        both = {spec.name for spec in inputs} & {spec.name for spec in outputs}
        for name in self.with_.inputs:
            at = ("inputs", name)
            spec = find(inputs, name, "input", at)
            reading = self.with_.reading(name)
            check_input(spec, reading, at)
            if behind := reading.added(spec.dtype):
                new[name] = reading.dtype
                added += behind
        for name, dtype in self.with_.outputs.items():
            at = ("outputs", name)
            spec = find(outputs, name, "output", at)
            check_output(spec, dtype, at)
            if dtype != spec.dtype:
                new[name] = dtype
                added.append("Cast")
        if twofold := next((name for name in new if name in both), None):
            raise OperatorError(
                f"{twofold!r} is an input and an output at once: there is no room for a Cast",
                at=("inputs" if twofold in self.with_.inputs else "outputs", twofold),
            )
        return new, added

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_graphsurgeon._retype import retype

        return retype(self, inputs, context)


def _retyped(specs: tuple[TensorSpec, ...], new: Mapping[str, str]) -> tuple[TensorSpec, ...]:
    return tuple(s.model_copy(update={"dtype": new.get(s.name, s.dtype)}) for s in specs)
