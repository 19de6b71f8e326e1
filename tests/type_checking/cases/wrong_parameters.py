"""Parameters of a wrong type, or of another operator."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from recipec.api import (
    Artifact,
    Facts,
    Operator,
    Params,
    PlanContext,
    RunContext,
    StagePlan,
    StageResult,
)


class ShrinkParams(Params):
    amount: float = Field(default="half", description="A share.")  # E: assignment | AssignmentType
    layers: tuple[str, ...] = Field(default=(), description="Names.")


class OtherParams(Params):
    name: str = Field(default="x", description="A name.")


class Shrink(Operator[ShrinkParams]):
    id = "acme.shrink"
    version = 1
    summary = "Smaller"
    params = OtherParams  # E: assignment | AssignmentType

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        name: str = self.with_.amount  # E: assignment | AssignmentType
        print(self.with_.amuont)  # E: attr-defined | AttributeAccessIssue
        self.with_.layers.append(name)  # E: attr-defined | AttributeAccessIssue
        return StagePlan()

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        return StageResult()


class Shrunk(Operator[str]):  # E: type-var | InvalidTypeArguments
    id = "acme.shrunk"
    version = 1
    summary = "Parameters are a class of their own"

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        return StagePlan()

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        return StageResult()


Shrink(ShrinkParams())
Shrink(OtherParams())  # E: arg-type | ArgumentType
Shrink({"amount": 0.5})  # E: arg-type | ArgumentType
Shrink(ShrinkParams(amount="a lot"))  # E: arg-type | ArgumentType
Shrink(ShrinkParams(amuont=0.5))  # E: call-arg | CallIssue
