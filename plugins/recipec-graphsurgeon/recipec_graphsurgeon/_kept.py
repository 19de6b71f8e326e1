"""What onnx-graphsurgeon loses of a model: put back afterwards, or refused before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, ValueInfoProto

from recipec.api import OperatorError

_KEPT_ATTRIBUTES: Final = {
    AttributeProto.FLOAT,
    AttributeProto.INT,
    AttributeProto.STRING,
    AttributeProto.TENSOR,
    AttributeProto.GRAPH,
    AttributeProto.FLOATS,
    AttributeProto.INTS,
    AttributeProto.STRINGS,
}


def graphs_of(graph: GraphProto) -> Iterator[GraphProto]:
    """Give a graph and all bodies of If, Loop and Scan in it."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from graphs_of(attribute.g)


def refuse_what_would_get_lost(model: ModelProto) -> None:
    """Raise OperatorError on what onnx-graphsurgeon doesn't keep."""
    for value in (*model.graph.input, *model.graph.output):
        if value.type.WhichOneof("value") not in ("tensor_type", None):
            kind = value.type.WhichOneof("value").removesuffix("_type")
            raise OperatorError(
                f"{value.name!r} is a {kind}, and graph surgery is for tensors only",
                hint="leave out the node that makes it, where the model comes from",
            )
    nodes = [node for graph in graphs_of(model.graph) for node in graph.node]
    for node in (*nodes, *(node for function in model.functions for node in function.node)):
        for attribute in node.attribute:
            if attribute.type not in _KEPT_ATTRIBUTES:
                kind = AttributeProto.AttributeType.Name(attribute.type).lower()
                raise OperatorError(
                    f"node {node.name!r} ({node.op_type}) has an attribute {attribute.name!r} of "
                    f"type {kind}, which onnx-graphsurgeon would lose"
                )


def name_nodes(graph: GraphProto) -> None:
    """Name nodes that have no name as layer tables do, by their place: it may change."""
    for index, node in enumerate(graph.node):
        node.name = node.name or f"{node.op_type}_{index}"


def forget_types_without_export(model: ModelProto) -> None:
    """Leave out what a file tells of values inside that aren't tensors: maps, optional values.

    onnx-graphsurgeon can't write it, and whoever reads the file infers it.
    """
    for graph in graphs_of(model.graph):
        told = [v for v in graph.value_info if v.type.WhichOneof("value") == "tensor_type"]
        if len(told) < len(graph.value_info):
            del graph.value_info[:]
            graph.value_info.extend(told)


def put_back(model: ModelProto, before: ModelProto) -> None:
    """Give a model the metadata that onnx-graphsurgeon drops."""
    for field in ("domain", "model_version", "doc_string"):
        if before.HasField(field):
            setattr(model, field, getattr(before, field))
    model.metadata_props.extend(before.metadata_props)
    model.graph.metadata_props.extend(before.graph.metadata_props)
    names = {name for node in model.graph.node for name in (*node.input, *node.output)}
    model.graph.quantization_annotation.extend(
        note for note in before.graph.quantization_annotation if note.tensor_name in names
    )
    nodes = {tuple(n.output): n for graph in graphs_of(before.graph) for n in graph.node}
    for graph in graphs_of(model.graph):
        for node in graph.node:
            _remark(node, nodes.get(tuple(node.output)))
    values = {v.name: v for v in (*before.graph.input, *before.graph.output)}
    for value in (*model.graph.input, *model.graph.output):
        _describe(value, values.get(value.name))


def _remark(node: NodeProto, before: NodeProto | None) -> None:
    if before is not None and before.op_type == node.op_type:
        if before.HasField("doc_string"):
            node.doc_string = before.doc_string
        node.metadata_props.extend(before.metadata_props)


def _describe(value: ValueInfoProto, before: ValueInfoProto | None) -> None:
    if before is None:
        return
    if before.HasField("doc_string"):
        value.doc_string = before.doc_string
    value.metadata_props.extend(before.metadata_props)
    shape, known = value.type.tensor_type.shape, before.type.tensor_type.shape
    if len(shape.dim) == len(known.dim):
        for dim, other in zip(shape.dim, known.dim, strict=True):
            if other.HasField("denotation"):
                dim.denotation = other.denotation
