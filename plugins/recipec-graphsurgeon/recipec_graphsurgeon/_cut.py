"""The heavy half of `graphsurgeon.cut`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import onnx
import onnx_graphsurgeon as gs
from onnx import ModelProto, ValueInfoProto

from recipec.api import Artifact, OperatorError, RunContext, StageResult, TensorSpec
from recipec_graphsurgeon._finish import finish
from recipec_graphsurgeon._graph import (
    Opened,
    all_nodes,
    close_graph,
    dtype_name,
    dtype_number,
    open_graph,
    quietly,
)
from recipec_graphsurgeon.cut import Boundary, check_boundary
from recipec_graphsurgeon.tensors import near

if TYPE_CHECKING:
    from recipec_graphsurgeon.cut import CutParams


def cut(params: CutParams, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
    """Write the part of the model, and compare what it gives with what the whole has there.

    Raises OperatorError on tensors that aren't there, on outputs that need more than the inputs,
    and on inputs that no output needs.
    """
    context.progress(0, 2, "cutting")
    opened = open_graph(inputs["model"].path)
    graph, before = opened.graph, sum(1 for _ in all_nodes(opened.graph))
    given = {tensor.name for tensor in graph.inputs}
    ends = given | {tensor.name for tensor in graph.outputs}
    inferred = _inferred(opened.model)
    for where in ("inputs", "outputs"):
        if boundaries := params.boundaries(where):
            made = [
                _tensor(opened, boundary, inferred, (where, index))
                for index, boundary in enumerate(boundaries)
            ]
            setattr(graph, where, made)
    with quietly():
        graph.cleanup()
    _keep_needed_inputs(graph, params, given)
    close_graph(opened, context.path_for("model"))
    after = {tensor.name for tensor in (*graph.inputs, *graph.outputs)}
    changed = {
        "nodes removed": before - sum(1 for _ in all_nodes(graph)),
        "inputs and outputs exchanged": len(ends ^ after),
    }
    return finish(params.check, inputs, context, changed)


def _tensor(
    opened: Opened,
    boundary: Boundary,
    inferred: Mapping[str, ValueInfoProto],
    at: tuple[str | int, ...],
) -> gs.Variable:
    """Give a tensor with its type and shape. Raises OperatorError where they aren't known."""
    tensors = opened.graph.tensors()
    tensor = tensors.get(boundary.name)
    if tensor is None:
        inside = boundary.name in opened.names
        said = "is inside a body of an If, Loop or Scan" if inside else "is no tensor of the model"
        raise OperatorError(
            f"{boundary.name!r} {said}", at=at, hint=near(boundary.name, tensors, "tensors")
        )
    if isinstance(tensor, gs.Constant):
        raise OperatorError(f"{boundary.name!r} is stored in the model, not computed", at=at)
    value = inferred.get(boundary.name)
    if value is not None and value.type.tensor_type.elem_type:
        tensor.dtype = value.type.tensor_type.elem_type
        if value.type.tensor_type.HasField("shape"):
            dims = value.type.tensor_type.shape.dim
            tensor.shape = [
                d.dim_value if d.HasField("dim_value") else d.dim_param or None for d in dims
            ]
    missing = [name for name in ("dtype", "shape") if getattr(tensor, name) is None]
    if unknown := [name for name in missing if getattr(boundary, name) is None]:
        raise OperatorError(
            f"shape inference doesn't tell the {' and '.join(unknown)} of {boundary.name!r}",
            at=at,
            hint=f"state it: {{name: {boundary.name}, dtype: float32, shape: [N, 64]}}",
        )
    known = None if missing else _spec(tensor, boundary)
    check_boundary(boundary, known, at)
    if tensor.dtype is None and boundary.dtype is not None:
        tensor.dtype = dtype_number(boundary.dtype)
    if boundary.shape is not None:
        tensor.shape = list(boundary.shape)
    return tensor


def _spec(tensor: gs.Variable, boundary: Boundary) -> TensorSpec:
    """Describe a tensor; its unnamed dimensions are called as the boundary calls them."""
    stated = boundary.shape or ()
    shape = [
        (stated[axis] if axis < len(stated) else "?") if dim is None else dim
        for axis, dim in enumerate(tensor.shape)
    ]
    return TensorSpec(name=tensor.name, shape=tuple(shape), dtype=dtype_name(tensor.dtype))


def _inferred(model: ModelProto) -> dict[str, ValueInfoProto]:
    graph = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    return {v.name: v for v in (*graph.value_info, *graph.input, *graph.output)}


def _keep_needed_inputs(graph: gs.Graph, params: CutParams, given: set[str]) -> None:
    """Leave out inputs that no output needs (onnx-graphsurgeon would also take those of bodies).

    Raises OperatorError where one of them was asked for, and where outputs need more than the
    inputs: one of those that the model was `given`.
    """
    readers = {tensor.name: node for _, node in all_nodes(graph) for tensor in node.inputs}
    needed = readers.keys() | {tensor.name for tensor in graph.outputs}
    for index, boundary in enumerate(params.boundaries("inputs")):
        if boundary.name not in needed:
            raise OperatorError(
                f"no output needs {boundary.name!r}", at=("inputs", index), hint="leave it out"
            )
    graph.inputs = [tensor for tensor in graph.inputs if tensor.name in needed]
    loose = given - {tensor.name for tensor in graph.inputs}
    for name in sorted(loose & readers.keys()):
        node = readers[name]
        raise OperatorError(
            f"the outputs also need {name!r}, which isn't among the inputs",
            at=("inputs",),
            hint=f"add it, or cut further on than node {node.name!r} ({node.op})",
        )
