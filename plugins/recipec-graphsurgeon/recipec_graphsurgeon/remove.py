"""`graphsurgeon.remove`: nodes that leave, with what they got in the place of what they gave."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from recipec.api import UNKNOWN, Artifact, OnnxModel, RunContext, StageResult
from recipec.api.selectors import Selector
from recipec_graphsurgeon.nodes import check_types
from recipec_graphsurgeon.surgery import Foreseen, Surgery, SurgeryParams

NAMES = (
    "Nodes are selected as layers are, by name or `type:`, also in bodies of If, Loop and Scan; an "
    "operator of another domain has the type `domain::Name`."
)


class RemoveParams(SurgeryParams):
    """Parameters of `graphsurgeon.remove`."""

    nodes: tuple[Selector, ...] = Field(
        min_length=1,
        description=f"Which nodes leave. {NAMES}",
        examples=[["type:Identity", "type:Dropout"]],
    )
    exclude: tuple[Selector, ...] = Field((), description="Nodes that stay all the same.")
    may_change_outputs: bool = Field(
        False,
        description="Whether the model may give other outputs than before. Left false, the stage "
        "fails when it does; true, the difference is reported.",
    )


class Remove(Surgery[RemoveParams]):
    """Takes nodes out: whatever read a node's output reads its first input instead.

    So both must have the same type and shape, and the node no second output that is used. A node
    between an input and an output of the model, or of a body, can't leave: the two need a name
    each.
    """

    id = "graphsurgeon.remove"
    version = 1
    summary = "Take nodes out of an ONNX model, by selector"
    params = RemoveParams

    def foresee(self, model: OnnxModel) -> Foreseen:
        check_types(model, self.with_.nodes, "nodes")
        check_types(model, self.with_.exclude, "exclude")
        made = model.model_copy(
            update={
                "layers": UNKNOWN,
                "operators": UNKNOWN,
                "precision": "fp32" if model.precision == "fp32" else UNKNOWN,
                "quantization": None if model.quantization is None else UNKNOWN,
            }
        )
        changes = (
            "outputs may change" if self.with_.may_change_outputs else "outputs must not change"
        )
        effects = (f"nodes {', '.join(self.with_.nodes)} leave; {changes}",)
        return Foreseen(made, {"nodes removed": UNKNOWN}, effects)

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_graphsurgeon._remove import remove

        return remove(self.with_, inputs, context)
