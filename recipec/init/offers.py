"""What installed plugins offer for new recipes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from recipec.api import Facts, MetricFamily, Operator
from recipec.api.recipe_parts import (
    DataPart,
    MetricPart,
    ModelPart,
    RecipePart,
    StagePart,
    Step,
    Target,
)
from recipec.diagnostics import UsageError, error
from recipec.registry import Catalog


@dataclass(frozen=True)
class Offers:
    """All parts by kind: what `uses` an operator by its id, targets by name."""

    catalog: Catalog
    models: Mapping[str, ModelPart]
    data: Mapping[str, DataPart]
    targets: Mapping[str, Target]
    stages: tuple[StagePart, ...]
    metrics: tuple[MetricPart, ...]

    def operator(self, part: StagePart | ModelPart) -> type[Operator[Any]]:
        """Give the operator that a part uses."""
        return self.catalog.operator(part.uses)

    @property
    def converting(self) -> list[StagePart]:
        """Give all stages that convert."""
        return [part for part in self.stages if part.step == "convert"]

    def family(self, part: MetricPart) -> MetricFamily:
        """Give the metric family of a part."""
        evaluator = self.catalog.evaluators()[part.family]
        return next(family for family in evaluator.families if family.name == part.family)

    def fitting(self, step: Step, kind: type[Facts], target: str) -> list[StagePart]:
        """Give the stages for a step that take this kind of artifact and prepare for the target."""
        return [
            part
            for part in self.stages
            if part.step == step
            and (not part.targets or target in part.targets)
            and issubclass(kind, first(self.operator(part).inputs.values()).kind)
        ]


def first(ports: Iterable[Any]) -> Any:
    """Give the first port of an operator: what a stage takes from the one before, and makes."""
    return next(iter(ports))


def find_offers(catalog: Catalog) -> Offers:
    """Ask all plugins for their parts. Raises UsageError where a plugin can't say, or offers what
    it doesn't have."""
    parts: list[RecipePart] = []
    problems = []
    for answer in catalog.ask("recipec_recipe_parts"):
        if answer.failure:
            problems.append(error("plugin-parts", answer.failure))
        for part in answer.items:
            known, named = catalog.operators.keys(), getattr(part, "uses", None)
            if isinstance(part, MetricPart):
                known, named = catalog.evaluators().keys(), part.family
            if named is not None and named not in known:
                message = (
                    f"plugin {answer.plugin!r} offers a recipe with {named!r}, which is not there"
                )
                problems.append(error("plugin-parts", message))
            parts.append(part)
    if problems:
        raise UsageError(problems)
    return Offers(
        catalog,
        {part.uses: part for part in parts if isinstance(part, ModelPart)},
        {part.uses: part for part in parts if isinstance(part, DataPart)},
        {part.name: part for part in parts if isinstance(part, Target)},
        tuple(part for part in parts if isinstance(part, StagePart)),
        tuple(part for part in parts if isinstance(part, MetricPart)),
    )
