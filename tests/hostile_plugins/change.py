"""What the hostile operators have in common: they change a toy model, as asked in `how`."""

import json

from pydantic import Field

from recipec.api import Operator, Params, Port, StagePlan, StageResult
from toys.kinds import ToyFacts


class How(Params):
    how: str = Field(default="", description="Which mischief.")


class Change(Operator):
    version = 1
    summary = "Change nothing, and do mischief."
    params = How
    inputs = {"model": Port(ToyFacts, "a model")}
    outputs = {"model": Port(ToyFacts, "the model")}

    def plan(self, inputs, context):
        return StagePlan({"model": inputs["model"]})

    def run(self, inputs, context):
        numbers = json.loads(inputs["model"].path.read_text())
        context.path_for("model").write_text(json.dumps(numbers))
        self.mischief(inputs, context)
        return StageResult({"model": inputs["model"].facts})

    def mischief(self, inputs, context):
        raise NotImplementedError
