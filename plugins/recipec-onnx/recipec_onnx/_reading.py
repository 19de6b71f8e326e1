"""Which values nodes read, in a graph and in the bodies of its If, Loop and Scan nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from onnx import GraphProto, ModelProto, NodeProto


def drop_unused(model: ModelProto) -> None:
    """Drop initializers that nothing reads, in place."""
    used = set(names_read(model.graph.node)) | {value.name for value in model.graph.output}
    stored = [t for t in model.graph.initializer if t.name in used]
    if len(stored) < len(model.graph.initializer):
        copies = [type(t).FromString(t.SerializeToString()) for t in stored]
        del model.graph.initializer[:]
        model.graph.initializer.extend(copies)


def names_read(nodes: Iterable[NodeProto]) -> Iterable[str]:
    """Give the names of values that nodes read, those that their bodies capture too."""
    for node in nodes:
        yield from node.input
        for attribute in node.attribute:
            for body in (attribute.g, *attribute.graphs):
                yield from names_read(body.node)
                yield from (value.name for value in body.output)


def rename(model: ModelProto, names: Mapping[str, str]) -> None:
    """Give stored tensors other names, in place."""
    for tensor in model.graph.initializer:
        tensor.name = names.get(tensor.name, tensor.name)
    rename_read(model.graph, names)


def rename_read(graph: GraphProto, names: Mapping[str, str]) -> None:
    """Let nodes read other values, in place, those in bodies too but for values of their own."""
    made = {name for node in graph.node for name in node.output}
    names = {name: new for name, new in names.items() if name not in made}
    for node in graph.node:
        for place, name in enumerate(node.input):
            node.input[place] = names.get(name, name)
        for attribute in node.attribute:
            for body in (attribute.g, *attribute.graphs):
                rename_read(body, names)
    for value in graph.output:
        value.name = names.get(value.name, value.name)
