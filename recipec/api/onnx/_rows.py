"""Embeddings with a scale for each row: the indices look up int8 rows and, beside them, scales."""

from __future__ import annotations

from onnx import NodeProto, TensorProto

from recipec.api.onnx._graph import Graph, dtype_name
from recipec.api.onnx._held import Held, hold


def row_scales(graph: Graph, node: NodeProto) -> dict[str, Held]:
    """Give the scales [rows, 1] of a Gather's int8 rows, as `weight_scale`; none for others."""
    table = _table(graph, node)
    if table is None or dtype_name(table.data_type) != "int8":
        return {}
    for other in graph.consumers.get(node.input[1], []):
        scale = _table(graph, other)
        held = hold(graph, other.input[0])
        if scale is not None and held is not None and _scales(scale, table):
            return {"weight_scale": held}
    return {}


def is_row_scale(graph: Graph, node: NodeProto) -> bool:
    """Say whether a Gather looks up the scales of rows that another one looks up."""
    scale = _table(graph, node)
    if scale is None:
        return False
    others = (_table(graph, other) for other in graph.consumers.get(node.input[1], []))
    return any(table is not None and _scales(scale, table) for table in others)


def _table(graph: Graph, node: NodeProto) -> TensorProto | None:
    return graph.constants.get(node.input[0]) if node.op_type == "Gather" else None


def _scales(scale: TensorProto, table: TensorProto) -> bool:
    types = dtype_name(scale.data_type), dtype_name(table.data_type)
    return types == ("float32", "int8") and list(scale.dims) == [*table.dims[:1], 1]
