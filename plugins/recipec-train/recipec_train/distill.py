"""`train.distill`: train a student to answer as a teacher does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from recipec.api import (
    Artifact,
    DataSamples,
    Facts,
    Learning,
    Operator,
    OperatorError,
    PlanContext,
    Port,
    RunContext,
    StagePlan,
    StageResult,
    TorchModule,
    Trait,
    Unknown,
)
from recipec.api.training import (
    REQUIRES,
    check_augment,
    check_fit,
    check_model,
    check_params,
    count_of,
    effects_of,
    learns_from,
    passes,
    requires_of,
    trained_layers,
    warnings_of,
)
from recipec_train.distill_params import DistillParams
from recipec_train.gradual_plan import plan_pruning
from recipec_train.teachers import check_teacher


class Distill(Operator[DistillParams]):
    """Knowledge distillation (Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural
    Network", arXiv:1503.02531).

    The loss of a batch is α · T² · KL + (1 − α) · cross-entropy, where KL is the mean over the
    batch of the divergence of the student's softmax(logits / T) from the teacher's, as in
    `F.kl_div(reduction="batchmean")`; the gradient of a softened softmax is smaller by T², which
    the factor makes good. A sample without a label has no cross-entropy. The teacher is in
    evaluation mode, gets no gradients, and stays as it is.
    """

    id = "train.distill"
    version = 1
    summary = "train a student to answer as a teacher does, also on data without labels"
    params = DistillParams
    inputs: ClassVar[Mapping[str, Port]] = {
        "model": Port(TorchModule, "the student"),
        "teacher": Port(TorchModule, "the teacher, a trained model with the same classes"),
    }
    outputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "the trained student")}
    requires = REQUIRES
    traits: ClassVar[frozenset[Trait]] = frozenset({"trains"})

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        params = self.with_
        student, teacher, data = inputs["model"], inputs["teacher"], inputs["data"]
        if not (
            isinstance(student, TorchModule)
            and isinstance(teacher, TorchModule)
            and isinstance(data, DataSamples)
        ):
            raise TypeError(f"{self.id} can't train a {student.kind} on {data.kind}")
        check_params(params)
        check_model(student)
        check_teacher(student, teacher, data)
        for place in ("data", "transfer", "validation"):
            if isinstance(facts := inputs.get(place), DataSamples):
                if place == "data" and facts.classes is None and params.alpha < 1:
                    raise OperatorError(
                        "this data has no labels for the cross-entropy",
                        at=("data",),
                        hint="give it as `transfer`, beside data with labels, or write alpha: 100%",
                    )
                check_fit(student, facts, place, labels=place == "validation")
        check_augment(params, data)
        count = self._count(inputs)
        pruned = plan_pruning(params, trained_layers(params, student.layers), student.layers, count)
        return StagePlan(
            outputs={"model": student.model_copy(update={"layers": pruned.layers})},
            effects=(*self._effects(inputs), *pruned.effects),
            changed=pruned.changed,
            matched=pruned.matched,
            learns_from=self._learns_from(),
            work=self._work(student, teacher, inputs),
            warnings=tuple(warnings_of(inputs)),
            requires=requires_of(params),
        )

    def _count(self, inputs: Mapping[str, Facts]) -> int | Unknown:
        """Count the samples of an epoch: those with labels and those without."""
        total = 0
        for place in ("data", "transfer"):
            if place in inputs:
                count = count_of(inputs[place])
                if isinstance(count, Unknown):
                    return count
                total += count
        return total

    def _work(
        self, student: TorchModule, teacher: TorchModule, inputs: Mapping[str, Facts]
    ) -> int | None:
        """Count multiply-adds: the student's three times (forward and backward), the teacher's
        once; each once over the validation data after each epoch."""
        if isinstance(student.layers, Unknown) or isinstance(teacher.layers, Unknown):
            return None
        validated = count_of(inputs["validation"]) if "validation" in inputs else 0
        seen = passes(self.with_, self._count(inputs), validated)
        if seen is None:
            return None
        own, its = student.layers.macs, teacher.layers.macs
        return seen[0] * (3 * own + its) + seen[1] * (own + its)

    def _learns_from(self) -> Mapping[str, Learning]:
        learns = learns_from(self.with_)
        if self.with_.transfer is not None:
            learns["transfer"] = Learning(how="trains")
        return learns

    def _effects(self, inputs: Mapping[str, Facts]) -> Iterator[str]:
        params = self.with_
        loss = f"{params.alpha:g} · T² · KL to the teacher at T = {params.temperature:g}"
        if params.alpha < 1:
            loss += f" + {1 - params.alpha:g} · cross-entropy"
        yield from effects_of(params, self._count(inputs), loss)
        if "transfer" in inputs:
            counts = [count_of(inputs[place]) for place in ("data", "transfer")]
            with_labels, without = ("?" if isinstance(c, Unknown) else c for c in counts)
            yield f"{with_labels} samples with labels, {without} that only the teacher answers"

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_train._distill import distill

        return distill(self.with_, inputs, context)
