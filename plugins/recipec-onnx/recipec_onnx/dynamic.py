"""`onnx.quantize_dynamic`: int8 weights, and activations quantized at run time."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

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
    Requirement,
    RunContext,
    StagePlan,
    StageResult,
    Trait,
    Unknown,
)
from recipec.api.folding import fold_batch_norms
from recipec.api.output_check import OutputCheck, refuse_other_inputs
from recipec.api.quantization import dynamic_scheme, precision_of
from recipec.api.selectors import Selection, Selectors, choose
from recipec_onnx.changes import after, raised, refuse_quantized, upgrade_effects
from recipec_onnx.dynamic_layers import OPERATORS, QUANTIZED, dynamic_table, quantizable
from recipec_onnx.requirements import QUANTIZER

CHANGED = "layers quantized"
OPSET = 11
"""The first with DynamicQuantizeLinear."""


class DynamicParams(Params):
    """Parameters of `onnx.quantize_dynamic`."""

    weights: Literal["int8", "uint8"] = Field(
        "int8", description="The type of weights: `int8` symmetric, `uint8` affine."
    )
    per_channel: bool = Field(
        False, description="Whether a weight has a scale for each output channel, or only one."
    )
    operators: tuple[str, ...] = Field(
        tuple(sorted(OPERATORS)),
        min_length=1,
        description="Which operators are quantized, by ONNX's names. Conv can be, and gets slower.",
    )
    include: Selectors = Field(
        (),
        description="Selectors of the layers to quantize (glob, `re:…`, `type:…`); all if empty.",
    )
    exclude: Selectors = Field(
        (), description="Selectors of layers that stay in float (glob, `re:…`, `type:…`)."
    )
    check: OutputCheck = Field(
        OutputCheck(),
        description="How outputs are compared with the float model's. Without a tolerance, "
        "differences are reported and pass.",
    )


class OnnxQuantizeDynamic(Operator[DynamicParams]):
    """Quantizes weights ahead of time and activations batch by batch, with onnxruntime.

    Needs no data. Pays for MatMul, Gemm and LSTM; an embedding (Gather) becomes uint8, which makes
    files smaller. Convolutions get slower, and are left in float unless `operators` has them.
    """

    id: ClassVar[str] = "onnx.quantize_dynamic"
    version: ClassVar[int] = 1
    summary: ClassVar[str] = "Dynamic int8 quantization of any ONNX model, by onnxruntime"
    params = DynamicParams
    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(OnnxModel, "the float model")}
    outputs: ClassVar[Mapping[str, Port]] = {"model": Port(OnnxModel, "the int8 model")}
    requires: ClassVar[tuple[Requirement, ...]] = QUANTIZER
    traits: ClassVar[frozenset[Trait]] = frozenset({"quantizes", "quantizes dynamically"})

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        model = inputs["model"]
        assert isinstance(model, OnnxModel)
        refuse_other_inputs(model, inputs.get("check.data"), ("check", "data"))
        refuse_quantized(model)
        for place, name in enumerate(self.with_.operators):
            if name not in QUANTIZED:
                raise OperatorError(
                    f"onnxruntime doesn't quantize {name!r} dynamically",
                    at=("operators", place),
                    hint=f"it does {', '.join(sorted(QUANTIZED))}",
                )
        upgrade = upgrade_effects(model, OPSET, "quantizing at run time needs it")
        opset = raised(model, OPSET)
        if isinstance(model.layers, Unknown):
            made = after(model, opset=opset)
            return StagePlan({"model": made}, upgrade, changed={CHANGED: UNKNOWN})
        selection = self.selected(model.layers)
        chosen = self.chosen(model.layers, selection)
        folded = fold_batch_norms(model.layers)
        table = dynamic_table(
            folded, chosen, weights=self.with_.weights, per_channel=self.with_.per_channel
        )
        made = after(model, opset=opset)
        if not chosen:
            made = model.model_copy(update={"opset": opset, "operators": UNKNOWN, "layers": folded})
        elif not isinstance(table, Unknown):
            multiplied = any(
                layer.name in chosen and layer.type != "Gather" for layer in table.layers
            )
            made = after(
                model,
                opset=opset,
                layers=table,
                precision=precision_of(table),
                quantization=dynamic_scheme(table) if multiplied else None,
            )
        able = quantizable(model.layers, frozenset(self.with_.operators))
        said = f"{len(chosen)} of {len(able)} layers → {self.with_.weights}"
        if not able:
            found = sorted({layer.type for layer in model.layers.layers})
            said = (
                f"no layer of {', '.join(self.with_.operators)}: the model's are "
                f"{', '.join(found) or 'none'}; `onnx.quantize_static` is for convolutions"
            )
        return StagePlan(
            {"model": made},
            (*upgrade, said),
            selection.matched,
            warnings=self._warnings(model),
            changed={CHANGED: len(chosen)},
        )

    def selected(self, table: Any) -> Selection:
        """Give the layers that selectors choose. Raises OperatorError as `choose` does."""
        return choose(table, self.with_.include, self.with_.exclude)

    def chosen(self, table: Any, selection: Selection) -> frozenset[str]:
        """Name the layers that are quantized."""
        return quantizable(table, frozenset(self.with_.operators)) & selection.names

    def _warnings(self, model: OnnxModel) -> tuple[str, ...]:
        if "Conv" not in self.with_.operators or isinstance(model.layers, Unknown):
            return ()
        convolutions = sum(layer.type == "Conv" for layer in model.layers.layers)
        if not convolutions:
            return ()
        return (
            f"{convolutions} convolutions are quantized dynamically, which makes them slower than "
            "they are in float (0.2 to 0.8 times the speed); `onnx.quantize_static` is for these",
        )

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_onnx._dynamic import quantize

        return quantize(self, inputs, context)
