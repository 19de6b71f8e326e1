"""`quantize.dynamic`: int8 weights, and activations that are quantized batch by batch."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    Artifact,
    Facts,
    LayerTable,
    Operator,
    OperatorError,
    Params,
    PlanContext,
    Port,
    Quantization,
    Requirement,
    RunContext,
    StagePlan,
    StageResult,
    TorchModule,
    Trait,
    Unknown,
)
from recipec.api.quantization import dynamic_module_scheme, precision_of
from recipec.api.selectors import Selection, Selectors, choose
from recipec_quantize.dynamic_tables import dynamic_table, takes_dynamic
from recipec_quantize.layers import refuse_shared

CHANGED = "layers quantized"


class DynamicParams(Params):
    """Parameters of `quantize.dynamic`."""

    per_channel: bool = Field(
        True,
        description="Whether each output channel of a weight has a scale of its own, instead of "
        "one for the whole weight.",
    )
    include: Selectors = Field(
        (),
        description="Selectors of the layers that are quantized (glob, `re:…`, `type:…`); empty "
        "for all that can be: linear layers, LSTMs and GRUs.",
    )
    exclude: Selectors = Field((), description="Selectors of layers that stay in float.")


class DynamicQuantization(Operator[DynamicParams]):
    """Quantizes linear layers, LSTMs and GRUs: weights ahead of time, activations at run time.

    A layer finds the range of its input anew in each batch, so nothing is calibrated. The outputs
    are those of `torch.ao.quantization.quantize_dynamic`, whose kernels run; int8 weights and
    scales are plain tensors here, and the module loads without pickle. All else stays in float:
    convolutions have no such kernel.
    """

    id: ClassVar[str] = "quantize.dynamic"
    version: ClassVar[int] = 1
    summary: ClassVar[str] = "Dynamic quantization: int8 weights, activations per batch at run time"
    params = DynamicParams
    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "the trained float model")}
    outputs: ClassVar[Mapping[str, Port]] = {
        "model": Port(TorchModule, "the module with dynamically quantized layers")
    }
    requires: ClassVar[tuple[Requirement, ...]] = (
        Requirement("python:torch>=2.9", 'pip install "recipec[torch]"'),
    )
    traits: ClassVar[frozenset[Trait]] = frozenset({"quantizes", "quantizes dynamically"})

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        model = inputs["model"]
        assert isinstance(model, TorchModule)
        scheme = self._scheme(model)
        made = TorchModule(inputs=model.inputs, outputs=model.outputs, quantization=scheme)
        if isinstance(model.layers, Unknown):
            made = made.model_copy(update={"quantization": UNKNOWN})
            return StagePlan({"model": made}, changed={CHANGED: UNKNOWN})
        selection = choose(model.layers, self.with_.include, self.with_.exclude)
        chosen = self.chosen(model.layers, selection)
        if not chosen:
            table = dynamic_table(model.layers, chosen, per_channel=True)
            kept = model.model_copy(update={"layers": table})
            why = "no float32 linear layer, LSTM or GRU is chosen; quantize.static is for others"
            return StagePlan(
                {"model": kept}, (why,), changed={CHANGED: 0}, matched=selection.matched
            )
        table = dynamic_table(model.layers, chosen, per_channel=self.with_.per_channel)
        return StagePlan(
            {"model": made.model_copy(update={"layers": table, "precision": precision_of(table)})},
            (
                f"{len(chosen)} linear and recurrent layers → int8 weights; their activations are "
                "quantized for each batch",
            ),
            changed={CHANGED: len(chosen)},
            matched=selection.matched,
        )

    def _scheme(self, model: TorchModule) -> Quantization:
        """Give the scheme, also where an earlier stage quantized other layers."""
        scheme, before = dynamic_module_scheme({self.with_.per_channel}), model.quantization
        if isinstance(before, Quantization) and before.weights != scheme.weights:
            return dynamic_module_scheme({True, False})
        return scheme

    def chosen(self, table: LayerTable, selection: Selection | None = None) -> frozenset[str]:
        """Name the layers to quantize.

        Raises OperatorError at ("include",) when one that it names can't be quantized dynamically,
        and at ("exclude",) when one shares a tensor with another layer.
        """
        selection = selection or choose(table, self.with_.include, self.with_.exclude)
        able = takes_dynamic(table)
        if self.with_.include:
            for layer in selection.layers:
                if layer.name not in able:
                    raise OperatorError(
                        f"{layer.name} ({layer.type}) can't be quantized dynamically",
                        at=("include",),
                        hint="float32 linear layers that run can be, and LSTMs and GRUs with "
                        "biases and without projections; quantize.static is for convolutions",
                    )
        chosen = able & selection.names
        refuse_shared(table, chosen)
        return chosen

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_quantize._dynamic import quantize_dynamically

        return quantize_dynamically(self, inputs, context)
