"""The heavy half of `graphsurgeon.fold`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import onnx_graphsurgeon as gs

from recipec.api import Artifact, OperatorError, RunContext, StageResult
from recipec.api.units import parse_bytes
from recipec_graphsurgeon._finish import finish
from recipec_graphsurgeon._graph import Opened, all_nodes, close_graph, open_graph, quietly

if TYPE_CHECKING:
    from recipec_graphsurgeon.fold import FoldParams


def fold(
    params: FoldParams, inputs: Mapping[str, Artifact[Any]], context: RunContext
) -> StageResult:
    """Write the model with its constants folded. Raises OperatorError where that can't be done."""
    context.progress(0, 2, "folding")
    opened = open_graph(inputs["model"].path)
    before = _computing(opened.graph)
    _type_constants(opened.graph)
    with quietly(), _known_shapes(opened):
        try:
            opened.graph.fold_constants(
                fold_shapes=params.shapes,
                size_threshold=None if params.largest is None else parse_bytes(params.largest),
                partitioning="recursive",  # what can't be computed stays, and only that
                error_ok=False,
            )
        except (TypeError, ValueError, IndexError, KeyError) as problem:  # of its shape folding
            raise OperatorError(
                f"onnx-graphsurgeon can't fold the model's shapes: {problem}",
                at=("shapes",),
                hint="write shapes: false",
            ) from problem
        opened.graph.cleanup()
    close_graph(opened, context.path_for("model"))
    folded = before - _computing(opened.graph)
    return finish(params.check, inputs, context, {"nodes folded": folded})


def _computing(graph: gs.Graph) -> int:
    """Count the nodes that compute something; a Constant is but another way to store it."""
    return sum(1 for _, node in all_nodes(graph) if node.op != "Constant")


def _type_constants(graph: gs.Graph) -> None:
    """Store floats of Constant nodes as 32-bit ones: onnx-graphsurgeon would make them 64-bit."""
    for _, node in all_nodes(graph):
        for name in ("value_float", "value_floats"):
            if node.op == "Constant" and name in node.attrs:
                values = np.asarray(node.attrs.pop(name), np.float32)
                node.attrs["value"] = gs.Constant(node.outputs[0].name, values)


@contextmanager
def _known_shapes(opened: Opened) -> Iterator[None]:
    """Let the graph know all shapes that ONNX infers, which don't go into the file."""
    graph = onnx.shape_inference.infer_shapes(opened.model, data_prop=True).graph
    inferred = {value.name: value.type.tensor_type for value in graph.value_info}
    kept: list[tuple[gs.Variable, Any, Any]] = []
    for name, tensor in opened.graph.tensors().items():
        if isinstance(tensor, gs.Variable) and tensor.shape is None and name in inferred:
            kept.append((tensor, tensor.dtype, tensor.shape))
            found = inferred[name]
            tensor.dtype = tensor.dtype or gs_type(found.elem_type)
            if found.HasField("shape"):
                dims = found.shape.dim
                tensor.shape = [
                    d.dim_value if d.HasField("dim_value") else d.dim_param or None for d in dims
                ]
    yield
    for tensor, dtype, shape in kept:
        if isinstance(tensor, gs.Variable):  # folding made others constants
            tensor.dtype, tensor.shape = dtype, shape


def gs_type(number: int) -> Any:
    """Give a type as onnx-graphsurgeon has it: NumPy's where there is one."""
    return onnx.helper.tensor_dtype_to_np_dtype(number) if number else None
