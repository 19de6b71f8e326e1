"""A plan as it was written to JSON: read without any plugin, to be compared and never to be run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from recipec.plan.content import content
from recipec.plan.model import Edge, Plan
from recipec.plan.planned_gates import PlannedGate

Facts = dict[str, Any]


class _Written(BaseModel):
    """Immutable; fields that are only compared one by one needn't be named here."""

    model_config = ConfigDict(
        extra="allow", frozen=True, defer_build=True, protected_namespaces=(), strict=False
    )


class Ingredients(_Written):
    """What goes into a node's key; files and code that parameters name are their digests there."""

    params: dict[str, Any]
    packages: dict[str, str | None]


class WrittenNode(_Written):
    """A node of the plan; `outputs` are its facts by port, as JSON."""

    id: str
    role: Literal["model", "data", "stage", "measure"]
    operator: str
    version: int
    plugin: str
    at: tuple[str | int, ...]
    params: dict[str, Any]
    inputs: dict[str, Edge]
    outputs: dict[str, Facts]
    ingredients: Ingredients | Literal["unknown"]
    digests: dict[str, str]
    action: Literal["run", "reuse", "blocked", "reference", "unknown"]
    reason: str

    @property
    def content(self) -> Mapping[str, str]:
        """The digests of the files and the code that parameters name, by the parameter's place."""
        if not isinstance(self.ingredients, Ingredients):
            return {}
        return content(self.params, self.ingredients.params)


class WrittenPlan(_Written):
    """A plan. `nodes` come in its order, each with an id of its own."""

    format: Literal["recipec.plan/v1"]
    name: str
    seed: int
    threads: int
    baseline: str | None
    nodes: tuple[WrittenNode, ...]
    outputs: tuple[str, ...]
    gates: tuple[PlannedGate, ...]
    diagnostics: tuple[dict[str, Any], ...]

    @model_validator(mode="after")
    def _each_once(self) -> WrittenPlan:
        if len(self.by_id) < len(self.nodes):
            raise PydanticCustomError("twice", "a node's id occurs twice")
        return self

    @cached_property
    def by_id(self) -> Mapping[str, WrittenNode]:
        """All nodes by their id, in their order."""
        return {node.id: node for node in self.nodes}


def written(plan: Plan) -> WrittenPlan:
    """Give a plan as it is written, so that it can be compared with one that was read."""
    return WrittenPlan.model_validate(plan.model_dump(mode="json"))
