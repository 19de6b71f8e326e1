"""`onnx.quantize_static`: Q/DQ pairs with ranges found on calibration samples."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    Artifact,
    DataRef,
    DataSamples,
    Facts,
    LayerTable,
    Learning,
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
from recipec.api.folding import fold_batch_norms, foldable_norms
from recipec.api.output_check import OutputCheck, refuse_other_inputs
from recipec.api.quantization import Target, precision_of
from recipec.api.selectors import Selection, Selectors, choose
from recipec_onnx.changes import after, raised, refuse_quantized, upgrade_effects
from recipec_onnx.requirements import QUANTIZER
from recipec_onnx.static_layers import OPERATORS, QUANTIZED, quantizable, scheme, static_table

CHANGED = "layers quantized"
OPSET = 13
"""The first whose Q/DQ operators have a scale for each channel."""


class Calibration(Params):
    """What the ranges of activations are found from."""

    data: DataRef = Field(description="The data to calibrate with: training data, never the test.")
    samples: int = Field(256, ge=1, description="How many samples, taken in a seeded random order.")
    batch_size: int = Field(
        32,
        ge=1,
        description="How many samples are observed at a time; a model whose batch is fixed gets "
        "that many.",
    )


class StaticParams(Params):
    """Parameters of `onnx.quantize_static`."""

    target: Target = Field(
        "cpu",
        description="The runtime family: `cpu` has affine uint8 activations and int32 biases, "
        "`tensorrt` symmetric int8 activations (zero point 0), float biases, and pairs on the "
        "inputs of layers only.",
    )
    calibration: Calibration = Field(
        description="What the ranges of activations are found from; `{data: train}` is enough."
    )
    observer: Literal["minmax", "moving_average", "entropy", "percentile"] = Field(
        "minmax",
        description="How a range is found: the extremes, their moving average over batches, the "
        "range of least information lost (Kullback-Leibler divergence), or a percentile.",
    )
    percentile: float = Field(
        99.999,
        gt=50,
        le=100,
        description="For the observer `percentile`: the range holds this much of the values, in "
        "percent.",
    )
    per_channel: bool = Field(
        True, description="Whether weights have a scale for each output channel, or only one."
    )
    operators: tuple[str, ...] = Field(
        (),
        description="Which operators are quantized, by ONNX's names. Left out: for `cpu` all that "
        "onnxruntime quantizes but normalizations; for `tensorrt` Add, Conv, ConvTranspose, Gemm "
        "and MatMul.",
        examples=[["Conv", "Gemm", "MatMul"]],
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
        description="How outputs are compared with the float model's, by default on calibration "
        "samples. Without a tolerance, differences are reported and pass.",
    )


class OnnxQuantizeStatic(Operator[StaticParams]):
    """Puts QuantizeLinear/DequantizeLinear pairs into any float ONNX model, with onnxruntime.

    Before that, batch normalizations are folded into the convolutions before them, and an opset
    below 13 is raised. Weights are symmetric int8.
    """

    id: ClassVar[str] = "onnx.quantize_static"
    version: ClassVar[int] = 1
    summary: ClassVar[str] = "Static int8 quantization of any ONNX model (Q/DQ, by onnxruntime)"
    params = StaticParams
    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(OnnxModel, "the float model")}
    outputs: ClassVar[Mapping[str, Port]] = {"model": Port(OnnxModel, "the int8 model")}
    requires: ClassVar[tuple[Requirement, ...]] = QUANTIZER
    traits: ClassVar[frozenset[Trait]] = frozenset({"quantizes"})

    @property
    def operators(self) -> frozenset[str]:
        """The operators that are quantized."""
        return frozenset(self.with_.operators) or OPERATORS[self.with_.target]

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        model, data = inputs["model"], inputs["calibration.data"]
        assert isinstance(model, OnnxModel)
        assert isinstance(data, DataSamples)
        refuse_other_inputs(model, data, ("calibration", "data"))
        refuse_other_inputs(model, inputs.get("check.data"), ("check", "data"))
        refuse_quantized(model)
        self._refuse_unknown_operators()
        count = self.with_.calibration.samples
        learns_from = {"calibration.data": Learning(how="calibrates", samples=count)}
        upgrade = upgrade_effects(model, OPSET, "Q/DQ with a scale for each channel needs it")
        opset = raised(model, OPSET)
        if isinstance(model.layers, Unknown):
            return StagePlan(
                {"model": after(model, opset=opset)},
                upgrade,
                learns_from=learns_from,
                changed={CHANGED: UNKNOWN},
            )
        selection = self.selected(model.layers)
        chosen = quantizable(model.layers, self.operators) & selection.names
        table = self._table(model.layers, chosen)
        made = after(model, opset=opset)
        if not isinstance(table, Unknown):
            quantization = scheme(table, self.with_.target) if chosen else None
            precision = precision_of(table)
            made = after(
                model, opset=opset, layers=table, precision=precision, quantization=quantization
            )
        samples = data.count if isinstance(data.count, Unknown) else min(count, data.count)
        return StagePlan(
            {"model": made},
            (*upgrade, *self._effects(model.layers, chosen)),
            selection.matched,
            warnings=self._warnings(model.layers),
            learns_from=learns_from,
            work=None if isinstance(samples, Unknown) else samples * model.layers.macs,
            changed={CHANGED: len(chosen)},
        )

    def _warnings(self, table: LayerTable) -> tuple[str, ...]:
        """Warn of a transformer: its mask is added to scores as a huge negative number."""
        kinds = {layer.type for layer in table.layers}
        if "Add" not in self.operators or not kinds >= {"LayerNormalization", "MatMul"}:
            return ()
        return (
            "where an attention mask is added as a huge negative number, quantizing that addition "
            "leaves no steps for other values (MiniLM: cosine to float 0.37, and 0.94 with "
            "`operators: [Gather, MatMul]`); `onnx.quantize_dynamic` keeps 0.99",
        )

    def _refuse_unknown_operators(self) -> None:
        for place, name in enumerate(self.with_.operators):
            if name not in QUANTIZED:
                raise OperatorError(
                    f"onnxruntime doesn't quantize {name!r} statically",
                    at=("operators", place),
                    hint=f"it does {', '.join(sorted(QUANTIZED))}",
                )

    def _table(self, table: LayerTable, chosen: frozenset[str]) -> LayerTable | Unknown:
        folded, operators = fold_batch_norms(table), self.operators
        return static_table(
            folded, chosen, operators, self.with_.target, per_channel=self.with_.per_channel
        )

    def selected(self, table: LayerTable) -> Selection:
        """Give the layers that selectors choose. Raises OperatorError as `choose` does."""
        return choose(table, self.with_.include, self.with_.exclude)

    def _effects(self, table: LayerTable, chosen: frozenset[str]) -> tuple[str, ...]:
        able = quantizable(table, self.operators)
        effects = [f"{len(chosen)} of {len(able)} layers → int8"]
        if folded := len(foldable_norms(table)):
            effects.append(f"{folded} batch normalizations fold into the convolutions before them")
        return tuple(effects)

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_onnx._static import quantize

        return quantize(self, inputs, context)
