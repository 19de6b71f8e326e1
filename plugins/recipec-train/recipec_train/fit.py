"""`train.fit`: train a module, from scratch or to win accuracy back after pruning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from recipec.api import (
    Artifact,
    Facts,
    Operator,
    PlanContext,
    Port,
    RunContext,
    StagePlan,
    StageResult,
    TorchModule,
    Trait,
)
from recipec.api.training import (
    REQUIRES,
    check_training,
    count_of,
    effects_of,
    learns_from,
    requires_of,
    trained_layers,
    warnings_of,
    work_of,
)
from recipec_train.gradual_plan import plan_pruning
from recipec_train.params import FitParams


class Fit(Operator[FitParams]):
    """Supervised training on class labels, by Lightning Fabric.

    The same inputs, seed and thread count give the same weights to the bit, also when the run was
    killed and went on from a checkpoint. The module may return logits [N, classes] only; it may
    have several inputs, also of integers (token ids and a mask).
    """

    id = "train.fit"
    version = 1
    summary = "train or fine-tune a classifier; resumes after a kill"
    params = FitParams
    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "what to train")}
    outputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "with trained weights")}
    requires = REQUIRES
    traits: ClassVar[frozenset[Trait]] = frozenset({"trains"})

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        model, params = inputs["model"], self.with_
        check_training(params, inputs)
        if not isinstance(model, TorchModule):
            raise TypeError(f"{self.id} can't train a {model.kind}")
        layers = trained_layers(params, model.layers)
        pruned = plan_pruning(params, layers, model.layers, count_of(inputs["data"]))
        effects = effects_of(params, count_of(inputs["data"]), params.loss.name)
        return StagePlan(
            outputs={"model": model.model_copy(update={"layers": pruned.layers})},
            effects=(*effects, *pruned.effects),
            changed=pruned.changed,
            matched=pruned.matched,
            learns_from=learns_from(params),
            work=work_of(params, inputs),
            warnings=tuple(warnings_of(inputs)),
            requires=requires_of(params),
        )

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_train._fit import fit

        return fit(self.with_, inputs, context)
