"""Its `run()` returns what it mustn't, and makes what it didn't plan."""

import sys

from hostile_plugins.change import Change
from recipec.api import StageResult, hookimpl
from toys.operators import facts


class Run(Change):
    id = "running.run"

    def run(self, inputs, context):
        made = facts(8)
        context.path_for("model").write_text("[1, 2, 3, 4, 5, 6, 7, 8]")
        match self.with_.how:
            case "nothing":
                return None
            case "metrics":
                return StageResult({"model": made}, metrics=({"accuracy": 1.0},))
            case "notes":
                return StageResult({"model": made}, notes="all went well")
            case "outputs":
                return StageResult({"model": {"numbers": 8}})
            case "other facts":
                return StageResult({"model": facts(3)})
            case "no file":
                context.path_for("model").unlink()
                return StageResult({"model": made})
            case "exit":
                sys.exit(0)
            case how:
                raise type("Strange", (BaseException,), {})(how)


@hookimpl
def recipec_operators():
    return [Run]
