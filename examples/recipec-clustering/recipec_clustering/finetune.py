"""`clustering.finetune`: train what clustered weights share."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from pydantic import Field

from recipec.api import (
    Artifact,
    Facts,
    LayerTable,
    Operator,
    PlanContext,
    Port,
    RunContext,
    StagePlan,
    StageResult,
    TorchModule,
    Trait,
    Unknown,
)
from recipec.api.selectors import Selectors
from recipec.api.training import (
    REQUIRES,
    Adam,
    CrossEntropy,
    Loss,
    Optimizer,
    TrainingParams,
    check_training,
    count_of,
    effects_of,
    learns_from,
    requires_of,
    trained_layers,
    warnings_of,
    work_of,
)
from recipec_clustering.weights import MOST, TORCH, Chosen, choose_weights

KEEPS_CLUSTERS: Final = "clustering.finetune"


class FinetuneParams(TrainingParams):
    """Parameters of `clustering.finetune`: those of training, and what is held together."""

    optimizer: Optimizer = Field(
        default_factory=Adam,
        description="How values follow gradients. Those of a cluster are summed, so they are "
        "large: Adam, which divides by their size, suits them.",
    )
    loss: Loss = Field(default_factory=CrossEntropy, description="What is minimized.")
    include: Selectors = Field(
        (),
        description="Selectors of the layers to hold together (glob, `re:…`, `type:…`). Empty, "
        f"all with at most {MOST} different weights are.",
    )
    exclude: Selectors = Field(
        (), description="Selectors of layers whose weights are trained freely."
    )


class Finetune(Operator[FinetuneParams]):
    """Trains codebooks: weights that are equal stay equal, and move by the sum of their gradients.

    Han et al. (arXiv:1510.00149), section 3.3 and equation 3. Biases, normalizations and weights
    that aren't clustered are trained as ever.
    """

    id = KEEPS_CLUSTERS
    version = 1
    summary = "Train the values that clustered weights share"
    params = FinetuneParams
    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "a clustered module")}
    outputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "with trained values")}
    requires = (*TORCH, *REQUIRES[1:])
    traits: ClassVar[frozenset[Trait]] = frozenset({"trains"})

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        """Say how long it trains; which weights are clustered is known after the run."""
        model, params = inputs["model"], self.with_
        check_training(params, inputs)
        assert isinstance(model, TorchModule)
        layers = trained_layers(params, model.layers)
        matched: Mapping[str, tuple[str, ...]] = {}
        if not isinstance(model.layers, Unknown):
            matched = self.choose(model.layers).matched
        return StagePlan(
            {"model": model.model_copy(update={"layers": layers})},
            effects=tuple(self._effects(inputs)),
            matched=matched,
            learns_from=learns_from(params),
            work=work_of(params, inputs),
            warnings=tuple(warnings_of(inputs)),
            requires=requires_of(params),
        )

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        """Train and save the module."""
        from recipec_clustering._finetune import finetune

        return finetune(self, inputs, context)

    def choose(self, table: LayerTable) -> Chosen:
        """Choose the weights that may be clustered. Raises OperatorError at a selector."""
        return choose_weights(table, self.with_.include, self.with_.exclude)

    def _effects(self, inputs: Mapping[str, Facts]) -> Iterator[str]:
        yield from effects_of(self.with_, count_of(inputs["data"]), self.with_.loss.name)
        yield "weights that are equal stay equal"
