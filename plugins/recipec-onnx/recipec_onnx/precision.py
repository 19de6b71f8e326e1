"""`onnx.convert_precision`: float16 or bfloat16 instead of float32."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    Artifact,
    Facts,
    Layer,
    LayerTable,
    OnnxModel,
    Operator,
    OperatorError,
    Params,
    PlanContext,
    Port,
    Requirement,
    RunContext,
    StagePlan,
    StageResult,
    Tensor,
    TensorSpec,
    Unknown,
)
from recipec.api.output_check import OutputCheck, refuse_other_inputs
from recipec.api.quantization import precision_of
from recipec.api.selectors import Selection, Selectors, choose
from recipec_onnx.changes import after, raised, refuse_quantized, upgrade_effects
from recipec_onnx.requirements import QUANTIZER

CHANGED = "layers converted"
OPSETS = {"float16": 1, "bfloat16": 22}
"""The first opset in which all common operators take the type."""
TOLERANCES = {"float16": 0.01, "bfloat16": 0.05}
"""What difference passes where the recipe doesn't say, as a share of the outputs' range."""


class PrecisionParams(Params):
    """Parameters of `onnx.convert_precision`."""

    to: Literal["float16", "bfloat16"] = Field(
        "float16", description="The type of weights and activations."
    )
    keep: Selectors = Field(
        (), description="Selectors of layers that stay float32 (glob, `re:…`, `type:…`)."
    )
    keep_operators: tuple[str, ...] = Field(
        (),
        description="Operators that stay float32, by ONNX's names.",
        examples=[["LayerNormalization", "Softmax"]],
    )
    keep_io: bool = Field(
        True, description="Whether the model's inputs and outputs stay float32, or change as well."
    )
    check: OutputCheck = Field(
        OutputCheck(),
        description="How outputs are compared with the float32 model's. Without a tolerance, the "
        "largest difference may be 1% of their range for float16, 5% for bfloat16.",
    )


class OnnxConvertPrecision(Operator[PrecisionParams]):
    """Stores weights in 16 bits and computes in them, but for what is kept in float32.

    An operator, or one input of it, that ONNX defines for float32 only stays in it by itself, with
    casts at the border; so do the bodies of If, Loop and Scan. Weights beyond float16's range
    become its largest number, and none that isn't zero becomes zero.
    """

    id: ClassVar[str] = "onnx.convert_precision"
    version: ClassVar[int] = 1
    summary: ClassVar[str] = "Convert an ONNX model to float16 or bfloat16, but for a keep list"
    params = PrecisionParams
    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(OnnxModel, "the float32 model")}
    outputs: ClassVar[Mapping[str, Port]] = {"model": Port(OnnxModel, "the converted model")}
    requires: ClassVar[tuple[Requirement, ...]] = QUANTIZER

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        model = inputs["model"]
        assert isinstance(model, OnnxModel)
        refuse_other_inputs(model, inputs.get("check.data"), ("check", "data"))
        refuse_quantized(model)
        wanted = OPSETS[self.with_.to]
        effects = upgrade_effects(model, wanted, f"{self.with_.to} needs it")
        made = after(
            model,
            opset=raised(model, wanted),
            inputs=self._specs(model.inputs),
            outputs=self._specs(model.outputs),
            quantization=model.quantization,
        )
        if isinstance(model.layers, Unknown):
            return StagePlan(
                {"model": made}, effects, warnings=self._warnings(), changed={CHANGED: UNKNOWN}
            )
        selection = self.selected(model.layers)
        converted = self.converted(model.layers, selection)
        table = self._table(model.layers, converted)
        if not isinstance(table, Unknown):
            made = made.model_copy(update={"layers": table, "precision": precision_of(table)})
        count = len(convertible(model.layers))
        return StagePlan(
            {"model": made},
            (*effects, f"{len(converted)} of {count} float32 layers → {self.with_.to}"),
            selection.matched,
            warnings=self._warnings(),
            changed={CHANGED: len(converted)},
        )

    def selected(self, table: LayerTable) -> Selection:
        """Give what the selectors of what is kept match.

        Raises OperatorError at `keep` for one that matches nothing.
        """
        try:
            chosen = choose(table, exclude=self.with_.keep)
        except OperatorError as problem:
            raise _elsewhere(problem) from problem
        matched = chosen.matched.get("exclude")
        return chosen._replace(matched={} if matched is None else {"keep": matched})

    def converted(self, table: LayerTable, selection: Selection) -> frozenset[str]:
        """Name the layers that are converted."""
        kept = self.with_.keep_operators
        return frozenset(
            layer.name
            for layer in convertible(table)
            if layer.name in selection.names and layer.type not in kept
        )

    def _table(self, table: LayerTable, converted: frozenset[str]) -> LayerTable | Unknown:
        """Give the table afterwards, UNKNOWN where scales of stored integers are converted too."""
        if any(t.role == "quantization" for layer in table.layers for t in layer.tensors):
            return UNKNOWN
        return table.with_layers(
            tuple(
                self._layer(layer) if layer.name in converted else layer for layer in table.layers
            )
        )

    def _layer(self, layer: Layer) -> Layer:
        added = layer.type == "MatMul" and "Add" in self.with_.keep_operators

        def convert(tensor: Tensor) -> Tensor:
            if tensor.dtype != "float32" or (added and tensor.name == "bias"):
                return tensor
            return tensor.model_copy(update={"dtype": self.with_.to})

        tensors = tuple(map(convert, layer.tensors))
        return layer.model_copy(update={"tensors": tensors, "folds_into": None})

    def _specs(self, specs: tuple[TensorSpec, ...] | Unknown) -> tuple[TensorSpec, ...] | Unknown:
        if isinstance(specs, Unknown) or self.with_.keep_io:
            return specs
        return tuple(
            spec.model_copy(update={"dtype": self.with_.to}) if spec.dtype == "float32" else spec
            for spec in specs
        )

    def _warnings(self) -> tuple[str, ...]:
        if self.with_.to == "float16":
            return ()
        return (
            "onnxruntime has no bfloat16 kernels on a CPU: the file is for GPUs, and can't be "
            "measured here; outputs are compared with each node computed in float32 and rounded",
        )

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_onnx._precision import convert

        return convert(self, inputs, context)


def convertible(table: LayerTable) -> tuple[Layer, ...]:
    """Give the layers that have float32 tensors."""
    return tuple(
        layer for layer in table.layers if any(t.dtype == "float32" for t in layer.tensors)
    )


def _elsewhere(problem: OperatorError) -> OperatorError:
    """Give a problem of `exclude` as one of `keep`."""
    at = ("keep", *problem.at[1:]) if problem.at[:1] == ("exclude",) else problem.at
    more = tuple(map(_elsewhere, problem.more))
    return OperatorError(problem.message, at=at, hint=problem.hint, more=more)
