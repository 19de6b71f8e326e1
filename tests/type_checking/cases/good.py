"""A plugin in which nothing is wrong: no checker may complain."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    Artifact,
    Facts,
    Finding,
    Metric,
    Model,
    Operator,
    OperatorError,
    Params,
    PlanContext,
    PlanView,
    Port,
    ReportSection,
    Requirement,
    RunContext,
    Share,
    StageOutcome,
    StagePlan,
    StageResult,
    StageView,
    TorchModule,
    Trait,
    Unknown,
    hookimpl,
)
from recipec.api.selectors import Selectors, choose
from recipec.testing import RunContract


class ShrinkParams(Params):
    amount: Share = Field(default=0.5, description="A share of the channels.")
    include: Selectors = Field(default=(), description="Selectors of layers.")


class Small(Model):
    kind = "acme.small"
    suffix = ".acme"
    bytes: int | Unknown = UNKNOWN


class Shrink(Operator[ShrinkParams]):
    id = "acme.shrink"
    version = 1
    summary = "Smaller"
    params = ShrinkParams
    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "what to shrink")}
    outputs: ClassVar[Mapping[str, Port]] = {"model": Port(Small, "what is smaller")}
    requires = (Requirement("python:torch>=2.9", "pip install torch"),)
    traits: ClassVar[frozenset[Trait]] = frozenset({"prunes"})

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        model = inputs["model"]
        assert isinstance(model, TorchModule)
        if isinstance(model.layers, Unknown):
            return StagePlan({"model": Small()}, changed={"channels": UNKNOWN})
        chosen = choose(model.layers, self.with_.include)
        if self.with_.amount > 0.9:
            raise OperatorError("too much", at=("amount",), hint="take less")
        made = Small(layers=model.layers, bytes=model.layers.bytes)
        return StagePlan({"model": made}, changed={"channels": 3}, matched=chosen.matched)

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        size = inputs["model"].size
        context.path_for("model").write_bytes(bytes(size // 2))
        metric = Metric(name="acme.size", value=size, unit="bytes")
        return StageResult({"model": Small(bytes=size)}, (metric,), changed={"channels": 3})


class TestShrink(RunContract):
    operator = Shrink

    def good_params(self) -> Mapping[str, Any]:
        return {"amount": 0.5}

    def example_facts(self) -> Mapping[str, Facts]:
        return {"model": TorchModule()}

    def example_artifacts(self, folder: Any) -> Mapping[str, Artifact[Any]]:
        raise NotImplementedError


shrink = Shrink(ShrinkParams())
amount: float = shrink.with_.amount
read = Shrink.params.model_validate({"amount": 0.5})


@hookimpl
def recipec_operators() -> Iterable[type[Operator[Any]]]:
    return [Shrink]


@hookimpl
def recipec_artifact_kinds() -> list[type[Facts]]:
    return [Small]


@hookimpl
def recipec_check_plan(plan: PlanView) -> Iterator[Finding]:
    if len(plan.stages) > 100:
        yield Finding("too many stages")


@hookimpl
def recipec_report_sections(record: Mapping[str, Any]) -> list[ReportSection]:
    return [ReportSection("Cost", "{{ seconds }}", {"seconds": record["seconds"]})]


@hookimpl(tryfirst=True)
def recipec_stage_finished(stage: StageView, outcome: StageOutcome) -> None:
    print(stage.id, outcome.seconds)


@hookimpl
def recipec_run_finished() -> None:
    """A hook may leave out arguments that it doesn't want."""
