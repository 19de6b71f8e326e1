"""Bring any ONNX model into a form in which onnxruntime's quantizers find all of its layers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import onnx.inliner
from onnx import ModelProto

from recipec.api import UNKNOWN, LayerTable, Unknown
from recipec.api.onnx import Graph, layer_name, layer_nodes, stored_tensors
from recipec_onnx._fold import fold_batch_norms, fold_constants
from recipec_onnx._read import read_model
from recipec_onnx._upgrade import opset_of, upgraded


class Prepared(NamedTuple):
    """A model whose nodes all have names, and its layers.

    `layers` are the rows of the layer table before batch normalizations were folded, without
    positions; `nodes` are the names of the nodes of each.
    """

    model: ModelProto
    layers: LayerTable | Unknown
    nodes: Mapping[str, tuple[str, ...]]


def prepare(path: Path, opset: int, *, fold: bool = True, norms: bool = False) -> Prepared:
    """Read a model and prepare it: functions inlined, nodes named, at least `opset`.

    With `fold`, constants become initializers; with `norms` besides, batch normalizations are
    folded into the convolutions before them. Nothing in it depends on which weights are equal, or
    zero, so what a plan says of shapes is kept. Raises OperatorError when the file can't be read,
    or the model can't be upgraded.
    """
    model = read_model(path)
    if model.functions:
        model = onnx.inliner.inline_local_functions(model)
    graph = Graph(model, path.parent)
    _name_nodes(graph)
    table = stored_tensors(graph)
    nodes = {name: tuple(node.name for node in made) for name, made in layer_nodes(graph).items()}
    _forget_weights_among_inputs(model)
    if fold:
        fold_constants(model, graph)
    if norms:
        fold_batch_norms(model, Graph(model, path.parent))
    if opset_of(model) < opset:
        model = upgraded(model, opset)
    return Prepared(model, table if isinstance(table, LayerTable) else UNKNOWN, nodes)


def _name_nodes(graph: Graph) -> None:
    """Give each node a name of its own, in place: quantizers know nodes by their names."""
    taken: set[str] = set()
    for node in graph.nodes:
        name = first = layer_name(graph, node)
        count = 1
        while name in taken:
            count += 1
            name = f"{first}_{count}"
        node.name = name
        taken.add(name)


def _forget_weights_among_inputs(model: ModelProto) -> None:
    """Take weights off the inputs, in place, where files of IR version 3 have them."""
    stored = {tensor.name for tensor in model.graph.initializer}
    kept = [value for value in model.graph.input if value.name not in stored]
    if len(kept) < len(model.graph.input):
        copies = [type(value).FromString(value.SerializeToString()) for value in kept]
        del model.graph.input[:]
        model.graph.input.extend(copies)
    model.ir_version = max(model.ir_version, 4)
