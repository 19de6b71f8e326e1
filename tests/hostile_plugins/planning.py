"""Its `plan()` returns what it mustn't."""

import sys

from hostile_plugins.change import Change
from recipec.api import StagePlan, hookimpl
from toys.kinds import ToyFacts


class Unoffered(ToyFacts):
    kind = "planning.unoffered"


class Plan(Change):
    id = "planning.plan"

    def plan(self, inputs, context):
        model = inputs["model"]
        return {
            "nothing": lambda: None,
            "mapping": lambda: {"model": model},
            "effects": lambda: StagePlan({"model": model}, effects="it shrinks"),
            "work": lambda: StagePlan({"model": model}, work="a lot"),
            "changed": lambda: StagePlan({"model": model}, changed={"layers": "some"}),
            "requires": lambda: StagePlan({"model": model}, requires=("cuda",)),
            "outputs": lambda: StagePlan({"model": "a model"}),
            "other": lambda: StagePlan({"other": model}),
            "unoffered": lambda: StagePlan({"model": Unoffered()}),
            "raise": lambda: 1 / 0,
            "exit": lambda: sys.exit("not today"),
        }[self.with_.how]()


@hookimpl
def recipec_operators():
    return [Plan]
