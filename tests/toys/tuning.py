"""A toy operator with a parameter of every kind: quantities, choices, selectors, nested ones."""

import json
from typing import Annotated, Literal

from pydantic import Field

from recipec.api import (
    ByteSize,
    DataRef,
    Duration,
    Params,
    Points,
    Ratio,
    Share,
    StagePlan,
    StageResult,
    Unknown,
)
from recipec.api.selectors import Selectors, choose
from toys.operators import Changes, facts


class Steady(Params):
    name: Literal["steady"] = Field(default="steady", description="The same pace.")
    pace: float = Field(default=1.0, gt=0, description="Steps at a time.")


class Hasty(Params):
    name: Literal["hasty"] = Field(default="hasty", description="A growing pace.")
    growth: float = Field(default=2.0, gt=1, le=8, description="Growth of the pace.")


class Trial(Params):
    data: DataRef | None = Field(default=None, description="Samples to try on.")
    samples: int = Field(default=8, ge=1, description="How many samples.")


class TuneParams(Params):
    amount: Share = Field(default=0.5, gt=0, lt=1, description="Share of the numbers.")
    rest: Share = Field(default=0.0, description="Share that rests.")
    wait: Duration = Field(default="1s", description="How long to wait.")
    memory: ByteSize = Field(default="1GiB", description="The most memory.")
    speed: Ratio = Field(default="2x", description="How much faster.")
    gain: float | Points = Field(default=0.0, description="The least gain.")
    method: Literal["l1", "l2", "taylor"] = Field(default="l2", description="How to choose.")
    level: Literal[1, 2, 4] = Field(default=1, description="How hard to try.")
    rounds: int = Field(default=1, ge=1, le=10, description="How often.")
    limit: float | None = Field(default=None, gt=0, description="The largest number.")
    shape: tuple[Annotated[int, Field(gt=0)] | Literal["N"], ...] = Field(
        default=("N",), min_length=1, description="A shape."
    )
    pace: Annotated[Steady | Hasty, Field(discriminator="name")] = Field(
        default_factory=Steady, description="The pace."
    )
    trial: Trial = Field(default_factory=Trial, description="A trial.")
    loud: bool = Field(default=False, description="Whether to tell.")
    label: str = Field(default="x", min_length=1, description="A word.")
    version: str = Field(
        default="1.0", pattern=r"^\d\.\d$", description="A version.", examples=["8.9"]
    )
    arguments: dict[str, object] = Field(default_factory=dict, description="Anything.")
    include: Selectors = Field(default=(), description="Layers to tune.")
    exclude: Selectors = Field(default=(), description="Layers to leave.")


class Tune(Changes):
    id = "toys.tune"
    summary = "Tune the numbers."
    params = TuneParams

    def plan(self, inputs, context):
        layers = inputs["model"].layers
        if isinstance(layers, Unknown):
            return StagePlan({"model": inputs["model"]})
        chosen = choose(layers, self.with_.include, self.with_.exclude)
        return StagePlan({"model": inputs["model"]}, matched=chosen.matched)

    def run(self, inputs, context):
        numbers = json.loads(inputs["model"].path.read_text())
        context.path_for("model").write_text(json.dumps(numbers))
        return StageResult({"model": facts(len(numbers))})
