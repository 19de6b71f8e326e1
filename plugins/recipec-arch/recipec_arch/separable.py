"""`arch.depthwise_separable`: standard convolutions become depthwise and pointwise ones."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    Artifact,
    Facts,
    LayerTable,
    Operator,
    Params,
    PlanContext,
    Port,
    Requirement,
    RunContext,
    StagePlan,
    StageResult,
    TensorSpec,
    TorchModule,
    Unknown,
)
from recipec.api.replaceable import Replaceable
from recipec.api.replacing import replaced
from recipec.api.selectors import Selectors
from recipec_arch.convolutions import Between, choose_standard, ratio, separated

INSTALL = 'pip install "recipec[torch]"'
REPLACED = "convolutions replaced"


class SeparableParams(Params):
    """Parameters of `arch.depthwise_separable`."""

    between: Between = Field(
        "nothing",
        description="What stands between the two: `nothing`, so that they start as near to the old "
        "layer as can be; batch normalization and ReLU as in MobileNetV1 (`norm_relu`); or "
        "normalization alone (`norm`).",
    )
    init: Literal["svd", "random"] = Field(
        "svd",
        description="Where weights come from: `svd` takes the best approximation of each old "
        "weight, of rank 1 for each input channel; `random` draws new ones from the seed.",
    )
    include: Selectors = Field(
        (),
        description="Selectors of the convolutions to replace (glob, `re:…`, `type:…`). Empty, all "
        "standard ones with kernels larger than 1 are.",
    )
    exclude: Selectors = Field(
        (), description="Selectors of layers that stay as they are (glob, `re:…`, `type:…`)."
    )


class DepthwiseSeparable(Operator[SeparableParams]):
    """Replace standard convolutions by depthwise and pointwise ones: 1/c_out + 1/k² of the work."""

    id = "arch.depthwise_separable"
    version = 1
    summary = "Standard k×k convolutions become depthwise + pointwise ones, to be trained again"
    params = SeparableParams
    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "the module to change")}
    outputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "the lighter module")}
    requires = (
        Requirement("python:torch>=2.9", INSTALL),
        Requirement("python:torch-pruning>=1.6", INSTALL),
        Requirement("python:safetensors>=0.4", INSTALL),
    )

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        """Choose the convolutions, and with them every shape."""
        model = inputs["model"]
        assert isinstance(model, TorchModule)
        if isinstance(model.layers, Unknown):
            return StagePlan({"model": model}, changed={REPLACED: UNKNOWN})
        chosen = self.decide(model.layers, model.inputs)
        made = model.model_copy(update={"layers": self.planned(model.layers, chosen)})
        return StagePlan(
            {"model": made},
            effects=tuple(self._effects(chosen)),
            changed={REPLACED: len(chosen.layers)},
            matched=chosen.matched,
        )

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        """Put the new layers in place, with their first weights."""
        from recipec_arch._separable import separate

        return separate(self, inputs["model"], context)

    def decide(self, table: LayerTable, inputs: tuple[TensorSpec, ...] | Unknown) -> Replaceable:
        """Choose the convolutions to replace. Raises OperatorError at a selector."""
        return choose_standard(table, inputs, self.with_.include, self.with_.exclude)

    def planned(self, table: LayerTable, chosen: Replaceable) -> LayerTable:
        """Give the table with the chosen convolutions replaced."""
        between = self.with_.between
        return replaced(
            table,
            {
                row.name: separated(row, between, -1 - number)
                for number, row in enumerate(chosen.layers)
            },
        )

    def _effects(self, chosen: Replaceable) -> list[str]:
        layers = chosen.layers
        said = []
        if layers:
            before = sum(row.macs for row in layers)
            after = int(sum(row.macs * ratio(row) for row in layers))
            many = "1 convolution becomes"
            if len(layers) > 1:
                many = f"{len(layers)} convolutions become"
            said.append(
                f"{many} depthwise + pointwise: "
                f"{before:,} multiply-adds become {after:,}, "
                f"{after / before:.1%} (1/c_out + 1/k² of each)"
            )
            said.append(
                "each new layer starts as the best approximation of the old one"
                if self.with_.init == "svd"
                else "new layers start with weights drawn from the seed"
            )
        else:
            said.append("no convolution is replaced: the model has no standard one")
        return [*said, *chosen.said]
