"""An operator that behaves: it repeats the lines of a text file."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    Metric,
    Model,
    Operator,
    OperatorError,
    Params,
    Port,
    Requirement,
    StagePlan,
    StageResult,
    Unknown,
)
from recipec.api.selectors import Selectors, select


class Text(Model):
    """Lines of text, the last one being `end`."""

    kind = "acme.text"
    suffix = ".txt"
    lines: int | Unknown = UNKNOWN
    tags: dict[str, int] = Field({})


class RepeatParams(Params):
    times: int = Field(2, ge=1, description="how many times the lines are there afterwards")
    only: Selectors = Field((), description="the layers to repeat; left out, all of them")


def read_lines(path) -> list[str]:
    content = path.read_bytes()
    if not content.endswith(b"end\n"):
        raise OperatorError("the text is broken: its last line isn't 'end'")
    return content.decode().splitlines(keepends=True)


class Repeat(Operator[RepeatParams]):
    id = "acme.repeat"
    version = 1
    summary = "Repeat the lines of a text"
    params = RepeatParams
    inputs: ClassVar = {"model": Port(Text, "the text")}
    outputs: ClassVar = {"model": Port(Text, "the longer text")}

    def plan(self, inputs, context):
        context.missing(Requirement("acmec"))
        lines, layers = inputs["model"].lines, inputs["model"].layers
        known = isinstance(lines, int)
        return StagePlan(
            {"model": Text(lines=lines * self.with_.times if known else UNKNOWN)},
            matched={} if isinstance(layers, Unknown) else self.matched(layers),
        )

    def matched(self, layers):
        found = select(layers, self.with_.only, at=("only",))
        return {"only": tuple(layer.name for layer in found)}

    def run(self, inputs, context):
        lines = read_lines(inputs["model"].path) * self.with_.times
        path = context.path_for("model")
        path.write_text("".join(lines))
        made = Text(lines=len(read_lines(path)))
        return StageResult(
            {"model": made}, (Metric(name="lines", value=len(lines), unit="1"),), ("repeated",)
        )
