"""`quantize.weight_only`: weights of few bits, activations in float."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

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
    Requirement,
    RunContext,
    StagePlan,
    StageResult,
    TorchExported,
    TorchModule,
    Trait,
    Unknown,
)
from recipec.api.quantization import precision_of
from recipec.api.selectors import Selection, Selectors, choose
from recipec_quantize.layers import refuse_shared
from recipec_quantize.weight_tables import (
    INT8,
    WeightScheme,
    compressed_table,
    takes_groups,
    weighted,
)

CHANGED = "layers quantized"
GROUP = 32
"""Weights that share a scale, of four bits: what onnxruntime and most int4 formats use."""


class WeightOnlyParams(Params):
    """Parameters of `quantize.weight_only`."""

    weights: Literal["int8", "int4"] = Field(
        "int8",
        description="`int8`: one scale for each output channel. `int4`: one for each group of "
        "neighbouring weights of an output channel, two weights in a byte.",
    )
    group_size: int | None = Field(
        None,
        ge=2,
        multiple_of=2,
        description=f"For `int4`: weights that share a scale. null: {GROUP}. Fewer are more "
        "accurate, and each group takes 32 bits more.",
    )
    affine: bool = Field(
        False,
        description="For `int4`: whether groups have a zero point too, so that a range that isn't "
        "symmetric around 0 uses all 16 codes. Without it, codes are -8 to 7.",
    )
    others: Literal["int8", "float"] = Field(
        "int8",
        description="For `int4`: what the weights become that it isn't for: convolutions, "
        "embeddings, and linear layers whose input features groups don't divide.",
    )
    include: Selectors = Field(
        (),
        description="Selectors of the layers whose weights are quantized (glob, `re:…`, `type:…`); "
        "empty for all that can be.",
    )
    exclude: Selectors = Field((), description="Selectors of layers that stay in float.")


class WeightOnly(Operator[WeightOnlyParams]):
    """Stores weights as int8 or int4 and computes in float.

    The graph dequantizes a weight where it is used, which runtimes can fuse with the product that
    follows, and the rows of an embedding after they are looked up; activations aren't quantized and
    nothing is calibrated. Batch normalizations are folded first. Scales and codes are those of
    torchao's `Int8WeightOnlyConfig` and `IntxWeightOnlyConfig` (symmetric without clipping error,
    or asymmetric).
    """

    id: ClassVar[str] = "quantize.weight_only"
    version: ClassVar[int] = 1
    summary: ClassVar[str] = "Weight-only quantization: int8 or grouped int4, activations in float"
    params = WeightOnlyParams
    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "the trained float model")}
    outputs: ClassVar[Mapping[str, Port]] = {
        "model": Port(TorchExported, "the model with int8 or int4 weights")
    }
    requires: ClassVar[tuple[Requirement, ...]] = (
        Requirement("python:torch>=2.9", 'pip install "recipec[torch]"'),
        Requirement("python:torchao>=0.14", 'pip install "recipec[quantize]"'),
    )
    traits: ClassVar[frozenset[Trait]] = frozenset({"quantizes"})

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        model = inputs["model"]
        assert isinstance(model, TorchModule)
        if self.with_.weights == "int8":
            for name in ("group_size", "affine"):
                if getattr(self.with_, name):
                    raise OperatorError(
                        f"int8 weights have one scale for each output channel, and no {name}",
                        at=(name,),
                        hint="write weights: int4",
                    )
        made = TorchExported(inputs=model.inputs, outputs=model.outputs)
        if isinstance(model.layers, Unknown):
            return StagePlan({"model": made}, changed={CHANGED: UNKNOWN})
        selection = choose(model.layers, self.with_.include, self.with_.exclude)
        schemes = self.schemes(model.layers, selection)
        table = compressed_table(model.layers, schemes)
        return StagePlan(
            {"model": made.model_copy(update={"layers": table, "precision": precision_of(table)})},
            tuple(self._effects(schemes)),
            changed={CHANGED: len(schemes)},
            matched=selection.matched,
        )

    def schemes(
        self, table: LayerTable, selection: Selection | None = None
    ) -> Mapping[str, WeightScheme]:
        """Say of each layer whose weight is quantized how it is stored.

        Raises OperatorError at ("include",) when one that it names has no weight for that, and at
        ("exclude",) when one shares its weight with another layer.
        """
        params, found = self.with_, {}
        selection = selection or choose(table, params.include, params.exclude)
        able = weighted(table)
        group = params.group_size or GROUP
        for layer in selection.layers:
            if layer.name not in able:
                if params.include:
                    raise OperatorError(
                        f"{layer.name} ({layer.type}) has no weight to quantize",
                        at=("include",),
                        hint="float32 convolutions, linear layers that run, and embeddings do",
                    )
            elif params.weights == "int4" and takes_groups(layer, group):
                found[layer.name] = WeightScheme("uint4" if params.affine else "int4", group)
            elif params.weights == "int8" or params.others == "int8":
                found[layer.name] = INT8
        refuse_shared(table, frozenset(found))
        return found

    def _effects(self, schemes: Mapping[str, WeightScheme]) -> Iterator[str]:
        grouped = sum(scheme.group > 0 for scheme in schemes.values())
        if self.with_.weights == "int4":
            group = self.with_.group_size or GROUP
            yield f"weights of {grouped} layers → int4, {group} to a scale; activations stay float"
            if whole := len(schemes) - grouped:
                yield f"weights of {whole} layers, which int4 isn't for, → int8"
        else:
            yield f"weights of {len(schemes)} layers → int8; activations stay float"

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_quantize._weight_only import quantize_weights

        return quantize_weights(self, inputs, context)
