"""The heavy half of `graphsurgeon.remove`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import onnx
import onnx_graphsurgeon as gs
from onnx import GraphProto, ModelProto, TypeProto

from recipec.api import Artifact, OperatorError, RunContext, StageResult
from recipec_graphsurgeon._finish import finish
from recipec_graphsurgeon._graph import all_nodes, close_graph, open_graph, operator_name, quietly
from recipec_graphsurgeon.nodes import as_rows, chosen

if TYPE_CHECKING:
    from recipec_graphsurgeon.remove import RemoveParams


def remove(
    params: RemoveParams, inputs: Mapping[str, Artifact[Any]], context: RunContext
) -> StageResult:
    """Write the model without the nodes. Raises OperatorError for one that can't leave."""
    context.progress(0, 2, "removing")
    opened = open_graph(inputs["model"].path)
    nodes = list(all_nodes(opened.graph))
    rows = as_rows((node.name, operator_name(node)) for _, node in nodes)
    leaving = chosen(rows, params.nodes, params.exclude)
    types = _types(opened.model)
    outputs = {
        id(graph): {tensor.name for tensor in graph.outputs}
        for graph in (opened.graph, *opened.graph.subgraphs(recursive=True))
    }
    for place in leaving:
        graph, node = nodes[place]
        _bypass(graph, node, types, outputs[id(graph)])
    with quietly():
        opened.graph.cleanup()
    close_graph(opened, context.path_for("model"))
    return finish(
        params.check,
        inputs,
        context,
        {"nodes removed": len(leaving)},
        judged=not params.may_change_outputs,
    )


def _bypass(
    graph: gs.Graph, node: gs.Node, types: Mapping[str, TypeProto], outputs: set[str]
) -> None:
    """Let readers of a node's output read its first input. Raises OperatorError."""

    def refuse(reason: str) -> OperatorError:
        return OperatorError(
            f"node {node.name!r} ({node.op}) can't leave: {reason}",
            at=("nodes",),
            hint=f"write exclude: [{node.name}], or select fewer nodes",
        )

    used = [t for t in node.outputs if t.outputs or t.name in outputs]
    if not node.inputs or node.inputs[0].is_empty():
        raise refuse("it has no input")
    if len(used) > 1 or (used and used[0] is not node.outputs[0]):
        raise refuse("more than its first output is used")
    given, made = node.inputs[0], node.outputs[0]
    if isinstance(given, gs.Constant) and made.name in outputs:
        raise refuse(f"it makes the output {made.name!r} of a stored tensor")
    before, after = _told(given, types), _told(made, types)
    if before is None or after is None:
        raise refuse("shape inference doesn't tell whether its input and output are alike")
    if before != after:
        raise refuse(f"its input is {before}, its output {after}")
    if made.name not in outputs:
        _read_instead(made, given)
    else:
        producer = given.inputs[0] if len(given.inputs) == 1 else None
        inside = producer is not None and any(producer is other for other in graph.nodes)
        if producer is None or not inside or given.name in outputs:
            raise refuse(f"it stands between {given.name!r} and the output {made.name!r}")
        # The output keeps its name: what made the input makes it now.
        node.outputs.clear()
        producer.outputs[[t is given for t in producer.outputs].index(True)] = made
        _read_instead(given, made)
    node.inputs.clear()
    node.outputs.clear()


def _read_instead(old: gs.Tensor, new: gs.Tensor) -> None:
    for reader in list(old.outputs):
        for index, tensor in enumerate(reader.inputs):
            if tensor is old:
                reader.inputs[index] = new


def _told(tensor: gs.Tensor, types: Mapping[str, TypeProto]) -> str | None:
    """Say a tensor's type and shape, None where they aren't known; free dimensions by name."""
    if isinstance(tensor, gs.Constant):
        number: int = onnx.helper.np_dtype_to_tensor_dtype(tensor.dtype)
        dims: list[object] = list(tensor.shape)
    else:
        known = types.get(tensor.name)
        if known is None or not known.tensor_type.HasField("shape"):
            return None
        number = known.tensor_type.elem_type
        dims = [
            d.dim_value if d.HasField("dim_value") else d.dim_param
            for d in known.tensor_type.shape.dim
        ]
        if "" in dims:
            return None
    name = str(onnx.TensorProto.DataType.Name(number)).lower()
    return f"[{', '.join(map(str, dims))}] {name}"


def _types(model: ModelProto) -> dict[str, TypeProto]:
    """Give the type and shape of every value, also in bodies."""
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
    found: dict[str, TypeProto] = {}

    def walk(graph: GraphProto) -> None:
        for value in (*graph.value_info, *graph.input, *graph.output):
            if value.type.tensor_type.elem_type:
                found[value.name] = value.type
        for node in graph.node:
            for attribute in node.attribute:
                if attribute.HasField("g"):
                    walk(attribute.g)

    walk(inferred.graph)
    return found
