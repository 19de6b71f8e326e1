"""The heavy half of `graphsurgeon.replace`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import onnx
import onnx_graphsurgeon as gs
from onnx.defs import OpSchema, SchemaError

from recipec.api import Artifact, OperatorError, RunContext, StageResult
from recipec.api.onnx import onnx_facts
from recipec_graphsurgeon._finish import finish
from recipec_graphsurgeon._graph import all_nodes, close_graph, open_graph, operator_name
from recipec_graphsurgeon._match import Match, matches
from recipec_graphsurgeon.nodes import as_rows, chosen
from recipec_graphsurgeon.pattern import Step
from recipec_graphsurgeon.replace import RUNNABLE

if TYPE_CHECKING:
    from recipec_graphsurgeon.replace import ReplaceParams


def replace(
    params: ReplaceParams, inputs: Mapping[str, Artifact[Any]], context: RunContext
) -> StageResult:
    """Write the model with its matches replaced, and compare outputs where onnxruntime can."""
    context.progress(0, 2, "replacing")
    opened = open_graph(inputs["model"].path)
    nodes = [node for _, node in all_nodes(opened.graph)]
    rows = as_rows((node.name, operator_name(node)) for node in nodes)
    allowed = {id(nodes[place]) for place in chosen(rows, params.nodes, ())}
    steps, by = params.steps, params.replacement
    attributes = _attributes(by, opened.graph.opset)
    count = 0
    for graph in (opened.graph, *opened.graph.subgraphs(recursive=True)):
        for match in list(matches(graph, steps)):
            if all(id(node) in allowed for node in match.nodes.values()):
                allowed -= {id(node) for node in match.nodes.values()}
                _put(graph, match, by, attributes, len(steps) - 1)
                count += 1
    path = context.path_for("model")
    close_graph(opened, path)
    changed = {"patterns replaced": count}
    if by.domain not in RUNNABLE:
        note = f"outputs weren't compared: onnxruntime has no {by.type}"
        return StageResult({"model": onnx_facts(path)}, (), (note,), changed)
    return finish(params.check, inputs, context, changed, judged=not params.may_change_outputs)


def _put(graph: gs.Graph, match: Match, by: Step, attributes: Mapping[str, Any], last: int) -> None:
    """Put the new node where the last one of the match is."""
    end = match.nodes[last]
    made, name = end.outputs[0], match.nodes[min(match.nodes)].name
    place = next(index for index, node in enumerate(graph.nodes) if node is end)
    given = [match.tensors[name] for name in by.names]
    for node in match.nodes.values():
        node.inputs.clear()
        node.outputs.clear()
    new = gs.Node(by.operator, name, dict(attributes), given, [made], by.domain or None)
    graph.nodes[place] = new
    gone = {id(node) for node in match.nodes.values()}
    graph.nodes = [node for node in graph.nodes if id(node) not in gone]


def _attributes(by: Step, opset: int) -> dict[str, Any]:
    """Give the new node's attributes in the types that its operator has them in.

    Raises OperatorError on an operator that ONNX doesn't have, and on an attribute that it hasn't.
    """
    if by.domain not in ("", "ai.onnx"):
        return dict(by.attributes)
    try:
        schema = onnx.defs.get_schema(by.operator, opset, "")
    except SchemaError as problem:
        raise OperatorError(
            f"ONNX has no operator {by.operator!r} in opset {opset}",
            at=("by",),
            hint="write domain::Operator for one of another domain",
        ) from problem
    made: dict[str, Any] = {}
    for name, value in by.attributes.items():
        if name not in schema.attributes:
            raise OperatorError(
                f"{by.operator} has no attribute {name!r}",
                at=("by",),
                hint=f"attributes: {', '.join(schema.attributes) or 'none'}",
            )
        kind = schema.attributes[name].type
        if kind == OpSchema.AttrType.FLOAT and isinstance(value, int):
            value = float(value)
        elif kind == OpSchema.AttrType.FLOATS and isinstance(value, list):
            value = [float(item) for item in value]
        made[name] = value
    return made
