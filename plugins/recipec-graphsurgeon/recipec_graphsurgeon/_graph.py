"""Open an ONNX file as a graph to operate on, and close it again.

onnx-graphsurgeon keeps graphs and weights. What it loses on the way (metadata of the model and of
nodes, words for inputs) is put back, and what it can't keep is refused when the file is opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import onnx
import onnx_graphsurgeon as gs
from google.protobuf.message import DecodeError, EncodeError  # type: ignore[import-untyped]  # no types
from onnx import ModelProto
from onnx.checker import ValidationError
from onnx.shape_inference import InferenceError
from onnx_graphsurgeon.logger import G_LOGGER

from recipec.api import OperatorError
from recipec_graphsurgeon._kept import (
    forget_types_without_export,
    graphs_of,
    name_nodes,
    put_back,
    refuse_what_would_get_lost,
)

LARGEST_FILE: Final = 2**31
"""Bytes: protobuf's limit for one message."""
_SILENT: Final = G_LOGGER.CRITICAL + 1
_NUMBERS: Final[dict[str, int]] = {
    "float32": onnx.TensorProto.FLOAT,
    "float64": onnx.TensorProto.DOUBLE,
    "float16": onnx.TensorProto.FLOAT16,
    "bfloat16": onnx.TensorProto.BFLOAT16,
    "int64": onnx.TensorProto.INT64,
    "int32": onnx.TensorProto.INT32,
    "int16": onnx.TensorProto.INT16,
    "int8": onnx.TensorProto.INT8,
    "uint8": onnx.TensorProto.UINT8,
    "bool": onnx.TensorProto.BOOL,
}
_FIRST_WITHOUT_INPUTS_FOR_WEIGHTS: Final = 4
"""The IR version since which a stored tensor needn't be an input too."""


@dataclass
class Opened:
    """A graph to operate on, and the model that it was read from.

    Its tensors are all in memory. `strict` says whether the model passes strict shape inference, so
    that the result must as well.
    """

    graph: gs.Graph
    model: ModelProto
    strict: bool

    @property
    def names(self) -> set[str]:
        """Names of all tensors, also those in bodies of If, Loop and Scan."""
        graphs = [self.graph, *self.graph.subgraphs(recursive=True)]
        return {name for graph in graphs for name in graph.tensors()}

    def fresh(self, wanted: str) -> str:
        """Give a name for a new tensor or node: `wanted`, or with a number where that is taken."""
        taken = self.names | {node.name for node in self.graph.nodes}
        number, name = 1, wanted
        while name in taken:
            number += 1
            name = f"{wanted}.{number}"
        return name


@contextmanager
def quietly() -> Iterator[None]:
    """Keep onnx-graphsurgeon from printing; what it refuses is an OperatorError."""
    try:
        with G_LOGGER.suppress(_SILENT):
            yield
    except gs.OnnxGraphSurgeonException as problem:
        said = str(problem).strip().partition("\n")[0]
        raise OperatorError(f"onnx-graphsurgeon can't do this: {said}") from problem


def open_graph(path: Path) -> Opened:
    """Read an ONNX file. Raises OperatorError when it isn't one, or has what would get lost."""
    try:
        model = onnx.load(path)
    except (OSError, DecodeError, ValidationError) as problem:
        raise OperatorError(f"{path.name} can't be read as an ONNX model: {problem}") from problem
    if not model.opset_import or not model.graph.output:
        raise OperatorError(f"{path.name} is not an ONNX model: it has no opset or no outputs")
    strict = True
    try:
        onnx.checker.check_model(model, full_check=True)
    except (ValidationError, InferenceError):
        strict = False
    if not strict:
        try:
            onnx.checker.check_model(model)
        except ValidationError as problem:
            raise OperatorError(f"ONNX's checker refuses {path.name}: {problem}") from problem
    refuse_what_would_get_lost(model)
    if not model.functions:  # else layer tables count places where they are inlined
        name_nodes(model.graph)
    forget_types_without_export(model)
    with quietly():
        return Opened(gs.import_onnx(model), model, strict)


def close_graph(opened: Opened, path: Path, *, shapes_changed: bool = False) -> None:
    """Write the graph as an ONNX file that ONNX's checker and shape inference accept.

    With `shapes_changed`, the shapes that the file tells of values inside are left out: they were
    right before. Raises OperatorError when the result isn't a valid model.
    """
    with quietly():
        model: ModelProto = gs.export_onnx(opened.graph)
    put_back(model, opened.model)
    if shapes_changed:
        for graph in graphs_of(model.graph):
            del graph.value_info[:]
    model.ir_version = max(model.ir_version, _FIRST_WITHOUT_INPUTS_FOR_WEIGHTS)
    try:
        onnx.checker.check_model(model, full_check=opened.strict)
        content = model.SerializeToString(deterministic=True)
    except (ValidationError, InferenceError) as problem:
        said = str(problem).strip().partition("\n\n==> Context")[0]
        raise OperatorError(f"what surgery leaves is no valid model: {said}") from problem
    except (EncodeError, ValueError) as problem:  # how protobuf says that it's too large
        raise OperatorError("the model is larger than the 2 GiB of an ONNX file") from problem
    path.write_bytes(content)


def all_nodes(graph: gs.Graph) -> Iterator[tuple[gs.Graph, gs.Node]]:
    """Give all nodes with the graph that they are in: the main one, or a body."""
    for inner in (graph, *graph.subgraphs(recursive=True)):
        for node in inner.nodes:
            yield inner, node


def operator_name(node: gs.Node) -> str:
    """Give a node's operator as facts count it, with a domain that isn't ONNX's own."""
    standard = node.domain in (None, "", "ai.onnx")
    return str(node.op) if standard else f"{node.domain}::{node.op}"


def dtype_number(name: str) -> int:
    """Give ONNX's number of a type that recipec calls by name ("float16")."""
    return _NUMBERS[name]


def dtype_name(dtype: Any) -> str:
    """Give recipec's name of a type that is a number of ONNX's, or a NumPy type."""
    number = dtype if isinstance(dtype, int) else onnx.helper.np_dtype_to_tensor_dtype(dtype)
    names: dict[Any, str] = {number: name for name, number in _NUMBERS.items()}
    return names.get(number) or str(onnx.TensorProto.DataType.Name(number)).lower()
