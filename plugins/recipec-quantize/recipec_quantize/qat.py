"""`quantize.qat`: train with simulated quantization, then convert to int8."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    Artifact,
    Facts,
    LayerTable,
    Operator,
    OperatorError,
    PlanContext,
    Port,
    Requirement,
    RunContext,
    Share,
    StagePlan,
    StageResult,
    TorchExported,
    TorchModule,
    Trait,
    Unknown,
)
from recipec.api.quantization import SCHEMES, Target, precision_of
from recipec.api.selectors import Selection, Selectors, choose
from recipec.api.training import (
    REQUIRES,
    CrossEntropy,
    Loss,
    Optimizer,
    Sgd,
    TrainingParams,
    check_early_stop,
    check_training,
    count_of,
    effects_of,
    learns_from,
    length_of,
    requires_of,
    trained_layers,
    warnings_of,
    work_of,
)
from recipec_quantize.layers import int8_effects, quantizable, quantized_table, refuse_shared

CHANGED = "layers quantized"


class QatParams(TrainingParams):
    """Parameters of `quantize.qat`."""

    optimizer: Optimizer = Field(
        default_factory=lambda: Sgd(lr=0.05), description="How weights follow gradients."
    )
    loss: Loss = Field(default_factory=CrossEntropy, description="What is minimized.")
    target: Target = Field(
        "cpu",
        description="The runtime family: `cpu` has affine uint8 activations, `tensorrt` symmetric "
        "int8 ones (zero point 0). Weights are symmetric int8 per channel, biases stay float.",
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
    freeze: Share = Field(
        0.75,
        gt=0,
        le=1,
        description="From this share of the steps on, the ranges of weights and activations and "
        "the statistics of batch normalizations stay as they are. 100%: they follow to the end.",
    )
    distill: Share = Field(
        0.0,
        le=1,
        description="Share of the loss that is the distance to the outputs of the float model "
        "itself, softened with T = 4 (Hinton et al., arXiv:1503.02531; Mishra and Marr, "
        "arXiv:1711.05852).",
    )
    exclude: Selectors = Field(
        (), description="Selectors of layers that stay in float (glob, `re:…`, `type:…`)."
    )


def frozen_from(freeze: float, steps: int) -> int:
    """Give the step from which ranges and statistics stay, of `steps`: one at least finds them."""
    return max(1, round(steps * freeze))


class QuantizationAwareTraining(Operator[QatParams]):
    """Fine-tunes a module while weights and activations are rounded as int8 will round them.

    Gradients pass through the rounding as if it weren't there (Jacob et al., CVPR 2018,
    arXiv:1712.05877). Weights are rounded with the batch normalization that inference folds into
    them; ranges of activations are moving averages. Layers, schemes and what is made are those of
    `quantize.static`; the module may return logits [N, classes] only.
    """

    id: ClassVar[str] = "quantize.qat"
    version: ClassVar[int] = 1
    summary: ClassVar[str] = "Quantization-aware training, then conversion to int8"
    params = QatParams
    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "the trained float model")}
    outputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchExported, "the int8 model")}
    requires: ClassVar[tuple[Requirement, ...]] = (
        *REQUIRES,
        Requirement("python:torchao>=0.14", 'pip install "recipec[quantize]"'),
    )
    traits: ClassVar[frozenset[Trait]] = frozenset(
        {"trains", "quantizes", "converts simulated quantization"}
    )

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        model, params = inputs["model"], self.with_
        assert isinstance(model, TorchModule)
        check_training(params, inputs)
        if not isinstance(count := count_of(inputs["data"]), Unknown):
            length = length_of(params, count)
            hint = f"a `freeze` of less than {params.freeze:.0%}"
            check_early_stop(params, length, frozen_from(params.freeze, length.steps), hint)
        if params.precision != "32-true":
            raise OperatorError(
                f"rounding is simulated in float32, not in {params.precision}",
                at=("precision",),
                hint="leave it out",
            )
        made = TorchExported(inputs=model.inputs, outputs=model.outputs, quantization=UNKNOWN)
        effects = tuple(self._effects(inputs))
        changed: Mapping[str, int | Unknown] = {CHANGED: UNKNOWN}
        matched: Mapping[str, tuple[str, ...]] = {}
        if not isinstance(model.layers, Unknown):
            selection = choose(model.layers, exclude=params.exclude)
            chosen = self.chosen(model.layers, selection)
            trained = trained_layers(params, model.layers)
            assert isinstance(trained, LayerTable)
            table = quantized_table(trained, chosen)
            scheme = SCHEMES[params.target] if chosen else None
            made = made.model_copy(
                update={
                    "layers": table,
                    "precision": precision_of(table),
                    "quantization": scheme,
                }
            )
            what = int8_effects(model.layers, chosen, params.weight_bits, params.activation_bits)
            effects = (*what, *effects)
            matched, changed = selection.matched, {CHANGED: len(chosen)}
        return StagePlan(
            {"model": made},
            effects,
            changed=changed,
            matched=matched,
            learns_from=learns_from(params),
            work=work_of(params, inputs),
            warnings=tuple(warnings_of(inputs)),
            requires=requires_of(params),
        )

    def _effects(self, inputs: Mapping[str, Facts]) -> Iterator[str]:
        params = self.with_
        loss: str = params.loss.name
        if params.distill:
            loss = f"{params.distill:.0%} distance to the float model's outputs, the rest {loss}"
        yield from effects_of(params, count_of(inputs["data"]), loss)
        if params.freeze < 1:
            yield f"ranges and batch statistics are frozen after {params.freeze:.0%} of the steps"

    def chosen(self, table: LayerTable, selection: Selection | None = None) -> frozenset[str]:
        """Name the layers to quantize.

        Raises OperatorError at ("exclude",) when one shares a tensor with another layer.
        """
        selection = selection or choose(table, exclude=self.with_.exclude)
        chosen = quantizable(table) & selection.names
        refuse_shared(table, chosen)
        return chosen

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_quantize._qat import train_quantized

        return train_quantized(self, inputs, context)
