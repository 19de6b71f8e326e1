"""Give what a quantizer made the one form that the same model always gets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from onnx import ModelProto, NodeProto

from recipec_onnx._reading import drop_unused, names_read, rename

_QUANTIZED: Final = "_quantized"


def settle(model: ModelProto, origin: ModelProto, order: Sequence[str]) -> None:
    """Order nodes and weights, drop what can be inferred, and keep the origin's metadata, in place.

    `order` are the names of the origin's nodes. Each comes after what it needs, and otherwise in
    this order, so that layers stay in theirs. Weights are in the order of their first use.
    """
    graph = model.graph
    nodes = _ordered(list(graph.node), order)
    drop_unused(model)
    places = {name: place for place, name in reversed(list(enumerate(names_read(nodes))))}
    stored = sorted(graph.initializer, key=lambda tensor: places.get(tensor.name, len(places)))
    copies = [NodeProto.FromString(node.SerializeToString()) for node in nodes]
    weights = [type(tensor).FromString(tensor.SerializeToString()) for tensor in stored]
    del graph.node[:], graph.initializer[:], graph.value_info[:], model.metadata_props[:]
    graph.node.extend(copies)
    graph.initializer.extend(weights)
    model.metadata_props.extend(origin.metadata_props)
    for field in ("producer_name", "producer_version", "domain", "model_version", "doc_string"):
        setattr(model, field, getattr(origin, field))


def name_weights_back(model: ModelProto) -> None:
    """Take what onnxruntime adds to the names of weights that it quantizes off again, in place."""
    graph = model.graph
    taken = {name for node in graph.node for name in (*node.input, *node.output)}
    found = [t.name for t in graph.initializer if t.name.endswith(_QUANTIZED)]
    plain = {name: name.removesuffix(_QUANTIZED) for name in found}
    rename(model, {name: new for name, new in plain.items() if new not in taken})


def _ordered(nodes: Sequence[NodeProto], order: Sequence[str]) -> list[NodeProto]:
    places = {name: place for place, name in enumerate(order)}
    producers = {name: node for node in nodes for name in node.output if name}
    done: set[int] = set()
    made: list[NodeProto] = []
    first = sorted(nodes, key=lambda node: places.get(node.name, len(places)))
    for wanted in first:
        stack = [(wanted, False)]
        while stack:
            node, ready = stack.pop()
            if ready:
                made.append(node)
            elif id(node) not in done:
                done.add(id(node))
                stack.append((node, True))
                needed = [producers[name] for name in names_read([node]) if name in producers]
                stack.extend((other, False) for other in reversed(needed))
    return made
