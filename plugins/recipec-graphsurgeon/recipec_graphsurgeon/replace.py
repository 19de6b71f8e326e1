"""`graphsurgeon.replace`: one node in the place of a pattern of nodes."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field

from recipec.api import UNKNOWN, Artifact, OnnxModel, OperatorError, RunContext, StageResult
from recipec.api.selectors import Selector
from recipec_graphsurgeon.nodes import check_types
from recipec_graphsurgeon.pattern import FORM, Step, check_pattern, read_step
from recipec_graphsurgeon.remove import NAMES
from recipec_graphsurgeon.surgery import Foreseen, Surgery, SurgeryParams
from recipec_graphsurgeon.tensors import near

RUNNABLE: Final = ("", "ai.onnx", "ai.onnx.ml", "com.microsoft")
"""Domains whose operators onnxruntime has."""


def _line(text: str) -> str:
    read_step(text)
    return text


Line = Annotated[
    str,
    AfterValidator(_line),
    Field(
        json_schema_extra={
            "pattern": FORM,
            "x-recipec-wanted": "a line such as 'y = Add(m, b)'",
        }
    ),
]


class ReplaceParams(SurgeryParams):
    """Parameters of `graphsurgeon.replace`."""

    match: tuple[Line, ...] = Field(
        min_length=1,
        description="The pattern, a node a line: `NAME = Operator(NAME or number, …, "
        "attribute=value, …)`. Names that no line makes are the pattern's inputs, the last line "
        "makes its output. Add and Mul match their operands in both orders; a number matches a "
        "stored single number, an attribute must have the value.",
        examples=[["m = MatMul(x, w)", "y = Add(m, b)"]],
    )
    by: Line = Field(
        description="The node that replaces it, in the same words; another domain than ONNX's own "
        "is written `domain::Operator`.",
        examples=["y = Gemm(x, w, b)"],
    )
    nodes: tuple[Selector, ...] = Field(
        (), description=f"Only where all nodes of the pattern are among these. {NAMES}"
    )
    may_change_outputs: bool = Field(
        False,
        description="Whether the model may give other outputs than before. Left false, the stage "
        "fails when it does; true, the difference is reported.",
    )

    @property
    def steps(self) -> tuple[Step, ...]:
        """The pattern."""
        return tuple(map(read_step, self.match))

    @property
    def replacement(self) -> Step:
        """What replaces it."""
        return read_step(self.by)


class Replace(Surgery[ReplaceParams]):
    """Puts one node in the place of every match of a pattern that has a single output.

    Values inside a match must be read by it alone. Matches don't overlap: the first in the order of
    the graph counts. The new node takes the name of the match's first node.
    """

    id = "graphsurgeon.replace"
    version = 1
    summary = "Replace a pattern of nodes of an ONNX model by one node"
    params = ReplaceParams

    def foresee(self, model: OnnxModel) -> Foreseen:
        check_pattern(self.with_.steps, self.with_.replacement)
        check_types(model, self.with_.nodes, "nodes")
        if isinstance(model.operators, dict):
            for index, step in enumerate(self.with_.steps):
                if step.type not in model.operators:
                    raise OperatorError(
                        f"the model has no {step.type}",
                        at=("match", index),
                        hint=near(step.type, model.operators, "operators"),
                    )
        made = model.model_copy(
            update={
                "layers": UNKNOWN,
                "operators": UNKNOWN,
                "precision": "fp32" if model.precision == "fp32" else UNKNOWN,
                "quantization": UNKNOWN,
            }
        )
        effects = [f"{', '.join(s.type for s in self.with_.steps)} → {self.with_.by}"]
        if self.with_.replacement.domain not in RUNNABLE:
            effects.append(
                f"outputs can't be compared: onnxruntime has no {self.with_.replacement.type}"
            )
        return Foreseen(made, {"patterns replaced": UNKNOWN}, tuple(effects))

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_graphsurgeon._replace import replace

        return replace(self.with_, inputs, context)
