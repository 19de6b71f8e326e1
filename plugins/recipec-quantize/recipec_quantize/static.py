"""`quantize.static`: post-training static quantization to int8."""

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
    Operator,
    OperatorError,
    Params,
    PlanContext,
    Port,
    Requirement,
    RunContext,
    StagePlan,
    StageResult,
    TorchExported,
    TorchModule,
    Trait,
    Unknown,
)
from recipec.api.data import inputs_mismatch
from recipec.api.quantization import SCHEMES, Target, precision_of
from recipec.api.selectors import Selection, Selectors, choose
from recipec_quantize.layers import int8_effects, quantizable, quantized_table, refuse_shared

CHANGED = "layers quantized"


class Calibration(Params):
    """What the ranges of activations are found from."""

    data: DataRef = Field(description="The data to calibrate with: training data, never the test.")
    samples: int = Field(256, ge=1, description="How many samples, taken in a seeded random order.")
    batch_size: int = Field(32, ge=1, description="How many samples are observed at a time.")


class StaticParams(Params):
    """Parameters of `quantize.static`."""

    target: Target = Field(
        "cpu",
        description="The runtime family: `cpu` has affine uint8 activations, `tensorrt` symmetric "
        "int8 ones (zero point 0). Weights are symmetric int8 per channel, biases stay float.",
    )
    calibration: Calibration = Field(
        description="What the ranges of activations are found from; `{data: train}` is enough."
    )
    observer: Literal["minmax", "moving_average", "histogram", "percentile"] = Field(
        "histogram",
        description="How a range is found: the extremes, their moving average over batches, the "
        "range of least squared error, or percentiles.",
    )
    weight_bits: int = Field(
        8,
        ge=2,
        le=8,
        description="Bits of a weight. Fewer than 8 are stored as int8 with fewer levels: no "
        "smaller file, but what a runtime with such weights would compute.",
    )
    activation_bits: int = Field(
        8, ge=2, le=8, description="Bits of an activation; fewer than 8 are clamped 8-bit ones."
    )
    percentile: float = Field(
        99.99,
        gt=50,
        le=100,
        description="For the observer `percentile`: the range ends at this percentile of the "
        "values, in percent, and begins at 100 minus it.",
    )
    exclude: Selectors = Field(
        (), description="Selectors of layers that stay in float (glob, `re:…`, `type:…`)."
    )


class StaticQuantization(Operator[StaticParams]):
    """Observes activations on calibration samples in eval mode, then converts to int8.

    The flow is torchao's pt2e (`prepare_pt2e`, `convert_pt2e`); batch normalizations are folded
    first. Convolutions and linear layers are quantized, and the additions that join their outputs;
    transposed convolutions and all other layers stay in float.
    """

    id: ClassVar[str] = "quantize.static"
    version: ClassVar[int] = 1
    summary: ClassVar[str] = "Post-training static quantization: int8 weights and activations"
    params = StaticParams
    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "the trained float model")}
    outputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchExported, "the int8 model")}
    requires: ClassVar[tuple[Requirement, ...]] = (
        Requirement("python:torch>=2.9", 'pip install "recipec[torch]"'),
        Requirement("python:torchao>=0.14", 'pip install "recipec[quantize]"'),
    )
    traits: ClassVar[frozenset[Trait]] = frozenset({"quantizes"})

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        model, data = inputs["model"], inputs["calibration.data"]
        assert isinstance(model, TorchModule)
        assert isinstance(data, DataSamples)
        if (
            not isinstance(model.inputs, Unknown)
            and not isinstance(data.inputs, Unknown)
            and (reason := inputs_mismatch(model.inputs, data.inputs))
        ):
            raise OperatorError(reason, at=("calibration", "data"))
        samples = self.with_.calibration.samples
        learns_from = {"calibration.data": Learning(how="calibrates", samples=samples)}
        if isinstance(model.layers, Unknown):
            made = TorchExported(
                inputs=model.inputs,
                outputs=model.outputs,
                quantization=UNKNOWN,
            )
            return StagePlan({"model": made}, learns_from=learns_from, changed={CHANGED: UNKNOWN})
        selection = choose(model.layers, exclude=self.with_.exclude)
        chosen = self._chosen(model.layers, selection)
        table = quantized_table(model.layers, chosen)
        made = TorchExported(
            inputs=model.inputs,
            outputs=model.outputs,
            layers=table,
            precision=precision_of(table),
            quantization=SCHEMES[self.with_.target] if chosen else None,
        )
        count = data.count
        return StagePlan(
            {"model": made},
            int8_effects(model.layers, chosen, self.with_.weight_bits, self.with_.activation_bits),
            changed={CHANGED: len(chosen)},
            matched=selection.matched,
            learns_from=learns_from,
            work=None if isinstance(count, Unknown) else min(samples, count) * model.layers.macs,
        )

    def _chosen(self, table: LayerTable, selection: Selection | None = None) -> frozenset[str]:
        """Name the layers to quantize.

        Raises OperatorError at ("exclude",) when one shares a tensor with another layer.
        """
        selection = selection or choose(table, exclude=self.with_.exclude)
        chosen = quantizable(table) & selection.names
        refuse_shared(table, chosen)
        return chosen

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_quantize._static import quantize_static

        return quantize_static(self.with_, self._chosen, inputs, context)
