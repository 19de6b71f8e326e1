"""Operators that each break one rule."""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import time
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, Field, WithJsonSchema, field_serializer

from recipec.api import UNKNOWN, Metric, Params, Port, StagePlan, StageResult, Unknown
from recipec_acme.good import Repeat, RepeatParams, Text, read_lines


class SloppyId(Repeat):
    id = "Acme"


class NotOffered(Repeat):
    pass


class NoVersion(Repeat):
    version = 0


class LongSummary(Repeat):
    summary = "Repeat\nthe lines"


class UndescribedPort(Repeat):
    inputs: ClassVar = {"model": Port(Text, " ")}


class TakesAnything(Repeat):
    class params(RepeatParams):  # noqa: N801
        model_config = ConfigDict(extra="ignore")


class Inner(Params):
    silent: int = 1


class UndescribedParameter(Repeat):
    class params(RepeatParams):  # noqa: N801
        inner: tuple[Inner | None, ...] = Field((), description="described, unlike its own field")


class LossyJson(Repeat):
    class params(RepeatParams):  # noqa: N801
        share: float = Field(0.123, description="a share of one")

        @field_serializer("share")
        def rounded(self, share: float) -> float:
            return round(share, 1)


class WrongSchema(Repeat):
    class params(RepeatParams):  # noqa: N801
        word: Annotated[str, WithJsonSchema({"type": "integer"})] = Field("a", description="a word")


class Mutable(Repeat):
    class params(RepeatParams):  # noqa: N801
        model_config = ConfigDict(frozen=False)


class PassesOverWhatMatchesNothing(Repeat):
    def matched(self, layers):
        names = [layer.name for layer in layers.layers]
        return {"only": tuple(name for name in names if name in self.with_.only)}


class HidesWhatMatched(Repeat):
    def matched(self, layers):
        super().matched(layers)
        return {}


class PlansAnotherKind(Repeat):
    outputs: ClassVar = {
        "model": Port(type("Other", (Text,), {"kind": "acme.other"}), "another kind")
    }

    def run(self, inputs, context):
        result = super().run(inputs, context)
        return StageResult({"model": self.outputs["model"].kind(lines=result.metrics[0].value)})


class PlansNothing(Repeat):
    def plan(self, inputs, context):
        return StagePlan()


class PlansByMood(Repeat):
    mood = itertools.count()

    def plan(self, inputs, context):
        return StagePlan({"model": Text()}, effects=(f"mood {next(self.mood)}",))


class PlansIntoItsInputs(Repeat):
    def plan(self, inputs, context):
        inputs["model"].tags["seen"] = 1
        return super().plan(inputs, context)


class PlansWithAFramework(Repeat):
    def plan(self, inputs, context):
        import jinja2  # noqa: F401

        return super().plan(inputs, context)


class PlansOnlyWhereItCanRun(Repeat):
    def plan(self, inputs, context):
        from recipec.api import OperatorError, Requirement

        if reason := context.missing(Requirement("acmec")):
            raise OperatorError(reason)
        return super().plan(inputs, context)


class CountsOnKnownFacts(Repeat):
    def plan(self, inputs, context):
        return StagePlan({"model": Text(lines=inputs["model"].lines * self.with_.times)})


class Worded(Text):
    kind = "acme.worded"
    word: str | Unknown = UNKNOWN


class PlansWhatJsonForgets(Repeat):
    outputs: ClassVar = {"model": Port(Worded, "a text")}

    def plan(self, inputs, context):
        return StagePlan({"model": Worded()})

    def run(self, inputs, context):
        super().run(inputs, context)
        return StageResult({"model": Worded(word="made")})


class Listed(Text):
    kind = "acme.listed"
    anything: Any = UNKNOWN


class MakesWhatJsonForgets(Repeat):
    outputs: ClassVar = {"model": Port(Listed, "a text")}

    def plan(self, inputs, context):
        return StagePlan({"model": Listed(anything=[1, 2])})

    def run(self, inputs, context):
        super().run(inputs, context)
        return StageResult({"model": Listed(anything=(1, 2))})


class WritesElsewhere(Repeat):
    def run(self, inputs, context):
        result = super().run(inputs, context)
        context.path_for("model").rename(context.path_for("model").with_name("elsewhere"))
        return result


class MakesSomethingElse(Repeat):
    def run(self, inputs, context):
        super().run(inputs, context)
        return StageResult({"model": Text(lines=3)})


class MakesWhatWasNotAskedFor(Repeat):
    def run(self, inputs, context):
        result = super().run(inputs, context)
        return StageResult({**result.outputs, "more": Text()})


class WritesItsFolder(Repeat):
    def run(self, inputs, context):
        result = super().run(inputs, context)
        with context.path_for("model").open("a") as file:
            file.write(str(context.path_for("model")))
        return result


class UsesTheGlobalSeed(Repeat):
    def run(self, inputs, context):
        result = super().run(inputs, context)
        seeded_by_others = random.Random()
        seeded_by_others.setstate(random.getstate())
        context.path_for("model").write_text(str(seeded_by_others.random()))
        return result


class NotesTheTime(Repeat):
    clock = itertools.count()

    def run(self, inputs, context):
        return StageResult(
            super().run(inputs, context).outputs, notes=(f"done at {next(self.clock)}",)
        )


class ChangesItsInputs(Repeat):
    def run(self, inputs, context):
        lines = read_lines(inputs["model"].path)
        result = super().run(inputs, context)
        inputs["model"].path.write_text("".join(sorted(lines)))
        return result


class Prints(Repeat):
    def run(self, inputs, context):
        result = super().run(inputs, context)
        print("done")
        return result


class PrintsLikeALibrary(Repeat):
    def run(self, inputs, context):
        result = super().run(inputs, context)
        os.write(1, b"done\n")
        return result


class LeavesTheFolder(Repeat):
    def run(self, inputs, context):
        os.chdir(context.path_for("model").parent)
        return super().run(inputs, context)


class SeedsForEverybody(Repeat):
    def run(self, inputs, context):
        random.seed(context.seed)
        return super().run(inputs, context)


class MeasuresTwice(Repeat):
    def run(self, inputs, context):
        result = super().run(inputs, context)
        return StageResult(result.outputs, result.metrics * 2)


class NotesItsFolder(Repeat):
    def run(self, inputs, context):
        result = super().run(inputs, context)
        return StageResult(result.outputs, notes=(f"wrote {context.path_for('model')}",))


class RaisesWhatItLikes(Repeat):
    def run(self, inputs, context):
        if not inputs["model"].path.read_bytes().endswith(b"end\n"):
            raise ValueError("not a text")
        return super().run(inputs, context)


class TakesBrokenModels(Repeat):
    def run(self, inputs, context):
        lines = inputs["model"].path.read_bytes().splitlines(keepends=True) * self.with_.times
        context.path_for("model").write_bytes(b"".join(lines))
        return StageResult({"model": Text(lines=len(lines))})


class NoUnit(Repeat):
    class params(RepeatParams):  # noqa: N801
        timeout: float = Field(1.0, description="when it gives up")


class PlansIntoAFile(Repeat):
    def plan(self, inputs, context):
        (context.folder / "plan.log").write_text("planned")
        return super().plan(inputs, context)


class PlansWithAProgram(Repeat):
    def plan(self, inputs, context):
        subprocess.run(["true"], check=True)
        return super().plan(inputs, context)


class PlansAndPrints(Repeat):
    def plan(self, inputs, context):
        print("planning")
        return super().plan(inputs, context)


class PlansForTheEnvironment(Repeat):
    def plan(self, inputs, context):
        os.environ["ACME_PLANS"] = str(int(os.environ.get("ACME_PLANS", "0")) + 1)
        return super().plan(inputs, context)


class PlansAndSeeds(Repeat):
    def plan(self, inputs, context):
        random.seed(7)
        random.random()
        return super().plan(inputs, context)


class PlansAndRemembers(Repeat):
    def plan(self, inputs, context):
        self.seen = inputs["model"]
        return super().plan(inputs, context)


class CountsOtherChanges(Repeat):
    def plan(self, inputs, context):
        return super().plan(inputs, context)._replace(changed={"lines repeated": 2})

    def run(self, inputs, context):
        return super().run(inputs, context)._replace(changed={"lines repeated": 3})


class KeepsState(Repeat):
    before = 0

    def run(self, inputs, context):
        result = super().run(inputs, context)
        self.before += 1
        context.path_for("model").write_text(f"run {self.before}\nend\n")
        return result


class KeepsStateInTheClass(Repeat):
    runs = itertools.count()

    def run(self, inputs, context):
        result = super().run(inputs, context)
        context.path_for("model").write_text(f"run {next(self.runs)}\nend\n")
        return result


REGISTERED: list[str] = []
"""Filled by the tests, as a plugin's own registry may be by whoever imports it."""


class NeedsWhatTheTestsRegistered(Repeat):
    def run(self, inputs, context):
        REGISTERED[0]
        return super().run(inputs, context)


class GoesByWhatTheTestsRegistered(Repeat):
    def run(self, inputs, context):
        result = super().run(inputs, context)
        context.path_for("model").write_text(f"{REGISTERED}\nend\n")
        return result


class WritesBesideItsOutput(Repeat):
    def run(self, inputs, context):
        context.path_for("model").with_name("notes.txt").write_text("more")
        return super().run(inputs, context)


class WritesOutside(Repeat):
    def run(self, inputs, context):
        (context.path_for("model").parents[2] / "acme-cache").write_text("kept for ever")
        return super().run(inputs, context)


class WritesWhereItIs(Repeat):
    def run(self, inputs, context):
        Path("acme-cache").write_text("kept for ever")
        return super().run(inputs, context)


class SetsThreadsForEverybody(Repeat):
    def run(self, inputs, context):
        os.environ["OMP_NUM_THREADS"] = str(context.threads + 6)
        return super().run(inputs, context)


class UsesScratchUnsaid(Repeat):
    def run(self, inputs, context):
        (context.scratch / "checkpoint").write_text("1")
        return super().run(inputs, context)


class Slow(Repeat):
    """Takes its time, and keeps how far it is in its scratch."""

    def run(self, inputs, context):
        done = context.scratch / "done.txt"
        self.begin(done)
        for line in read_lines(inputs["model"].path) * self.with_.times:
            with done.open("a") as file:
                file.write(line)
            time.sleep(0.03)
        done.rename(context.path_for("model"))
        made = Text(lines=len(read_lines(context.path_for("model"))))
        return StageResult({"model": made}, (Metric(name="lines", value=made.lines, unit="1"),))

    def begin(self, done):
        done.unlink(missing_ok=True)


class GoesOnWrongly(Slow):
    def begin(self, done):
        """Nothing is done about what a killed run has left."""


class CannotGoOn(Slow):
    def begin(self, done):
        done.touch(exist_ok=False)
