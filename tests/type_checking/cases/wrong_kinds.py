"""Something that is no kind of artifact, or not the one that it is taken for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from recipec.api import (
    UNKNOWN,
    Artifact,
    Facts,
    Learning,
    Metric,
    Model,
    Operator,
    Params,
    PlanContext,
    Port,
    RunContext,
    StagePlan,
    StageResult,
    TorchModule,
    Trait,
)


class ShrinkParams(Params):
    pass


class Small(Model):
    kind = 3  # E: assignment | AssignmentType
    suffix = ".small"


class Shrink(Operator[ShrinkParams]):
    id = "acme.shrink"
    version = "1"  # E: assignment | AssignmentType
    summary = "Smaller"
    params = ShrinkParams
    inputs: ClassVar[Mapping[str, Port]] = {
        "model": Port("torch.module", "a kind is a class"),  # E: arg-type | ArgumentType
        "other": Port(ShrinkParams, "and one of facts"),  # E: arg-type | ArgumentType
    }
    traits: ClassVar[frozenset[Trait]] = frozenset({"shrinks"})  # E: arg-type | AssignmentType

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        model = inputs["model"]
        print(model.layers)  # E: attr-defined | AttributeAccessIssue
        assert isinstance(model, TorchModule)
        print(model.layers.parameters)  # E: union-attr | AttributeAccessIssue
        learned = {"data": Learning(how="learns")}  # E: arg-type | ArgumentType
        if not learned:
            return StagePlan({"model": "small"})  # E: dict-item | ArgumentType
        return StagePlan({"model": Small}, changed={"n": UNKNOWN})  # E: dict-item | ArgumentType

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        Metric(name="size", value=1, unit="kB")  # E: arg-type | ArgumentType
        path: str = context.path_for("model")  # E: assignment | AssignmentType
        return StageResult({"model": Path(path)})  # E: dict-item | ArgumentType


def packed(model: Artifact[Small]) -> int:
    return model.size


def given(model: Artifact[TorchModule]) -> int:
    return packed(model)  # E: arg-type | ArgumentType
