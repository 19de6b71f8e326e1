"""`graphsurgeon.cut`: the part of a model between named tensors."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    Artifact,
    OnnxModel,
    OperatorError,
    Params,
    RunContext,
    StageResult,
    TensorSpec,
    Unknown,
)
from recipec_graphsurgeon.dynamic import Size
from recipec_graphsurgeon.surgery import Foreseen, Surgery, SurgeryParams
from recipec_graphsurgeon.tensors import DType, known

Specs = tuple[TensorSpec, ...]


class Boundary(Params):
    """A tensor where the model is cut. What shape inference can't tell is stated here."""

    name: str = Field(min_length=1, description="The tensor's name in the model.")
    dtype: DType | None = Field(
        default=None,
        description="Its type; left out, it is what the model or shape inference says.",
    )
    shape: tuple[Size, ...] | None = Field(
        default=None, description="Its shape, with names where it's free; left out as `dtype`."
    )


class CutParams(SurgeryParams):
    """Parameters of `graphsurgeon.cut`."""

    inputs: tuple[str | Boundary, ...] = Field(
        (),
        description="Tensors that become the inputs: inputs of the model or values inside. Left "
        "empty, they are the model's inputs that the outputs need.",
        examples=[["features"], [{"name": "features", "dtype": "float32", "shape": ["N", 512]}]],
    )
    outputs: tuple[str | Boundary, ...] = Field(
        (),
        description="Tensors that become the outputs. Left empty, they are the model's outputs.",
        examples=[["features"]],
    )

    def boundaries(self, where: str) -> tuple[Boundary, ...]:
        """The tensors of `inputs` or `outputs`."""
        given = self.inputs if where == "inputs" else self.outputs
        return tuple(Boundary(name=b) if isinstance(b, str) else b for b in given)


class Cut(Surgery[CutParams]):
    """Keeps the part of a model between named tensors: a backbone without its head, say.

    The part must give what the whole model has at these tensors. Values inside bodies of If, Loop
    and Scan can't be named; a body goes or stays with its node.
    """

    id = "graphsurgeon.cut"
    version = 1
    summary = "Keep the part of an ONNX model between named tensors"
    params = CutParams

    def foresee(self, model: OnnxModel) -> Foreseen:
        if not self.with_.inputs and not self.with_.outputs:
            raise OperatorError("say where to cut: at `inputs`, at `outputs` or at both")
        for where in ("inputs", "outputs"):
            names = [b.name for b in self.with_.boundaries(where)]
            for index, name in enumerate(names):
                if name in names[:index]:
                    raise OperatorError(f"{name!r} is there twice", at=(where, index))
        first = [b.name for b in self.with_.boundaries("inputs")]
        for index, boundary in enumerate(self.with_.boundaries("outputs")):
            if boundary.name in first:
                raise OperatorError(
                    f"there is nothing between the input and the output {boundary.name!r}",
                    at=("outputs", index),
                )
        planned = {
            "inputs": self._planned(model, "inputs", model.inputs),
            "outputs": self._planned(model, "outputs", model.outputs),
            "layers": UNKNOWN,
            "operators": UNKNOWN,
            # Fewer weights have no other types, but for those that aren't there at all.
            "precision": "fp32" if model.precision == "fp32" else UNKNOWN,
            "quantization": None if model.quantization is None else UNKNOWN,
        }
        effects = tuple(self._effects(model))
        changed: dict[str, int | Unknown] = {
            "nodes removed": UNKNOWN,
            "inputs and outputs exchanged": UNKNOWN,
        }
        return Foreseen(model.model_copy(update=planned), changed, effects)

    def _planned(self, model: OnnxModel, where: str, specs: Specs | Unknown) -> Specs | Unknown:
        boundaries = self.with_.boundaries(where)
        if not boundaries:
            return UNKNOWN if where == "inputs" and len(known(specs)) != 1 else specs
        if isinstance(model.inputs, Unknown) or isinstance(model.outputs, Unknown):
            return UNKNOWN
        there = {spec.name: spec for spec in (*model.inputs, *model.outputs)}
        made = []
        for index, boundary in enumerate(boundaries):
            spec = there.get(boundary.name)
            check_boundary(boundary, spec, (where, index))
            if spec is None:
                if boundary.dtype is None or boundary.shape is None:
                    return UNKNOWN
                spec = TensorSpec(name=boundary.name, shape=boundary.shape, dtype=boundary.dtype)
            made.append(spec)
        return tuple(made)

    def _effects(self, model: OnnxModel) -> Iterator[str]:
        for where in ("inputs", "outputs"):
            if boundaries := self.with_.boundaries(where):
                yield f"{where}: {', '.join(b.name for b in boundaries)}"

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_graphsurgeon._cut import cut

        return cut(self.with_, inputs, context)


def check_boundary(boundary: Boundary, spec: TensorSpec | None, at: Sequence[str | int]) -> None:
    """Raise OperatorError where what is stated of a tensor isn't what the model says of it.

    A free dimension may have any name or size that is stated.
    """
    if spec is None:
        return
    if boundary.dtype is not None and boundary.dtype != spec.dtype:
        raise OperatorError(
            f"{spec} is a {spec.dtype}, and not a {boundary.dtype}",
            at=(*at, "dtype"),
            hint="leave `dtype` out; graphsurgeon.retype changes types",
        )
    if boundary.shape is not None and boundary.shape != spec.shape:
        raise OperatorError(
            f"{spec} has another shape than [{', '.join(map(str, boundary.shape))}]",
            at=(*at, "shape"),
            hint="leave `shape` out; graphsurgeon.dynamic changes shapes",
        )
