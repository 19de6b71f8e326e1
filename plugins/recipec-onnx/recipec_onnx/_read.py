"""Read and write ONNX models, with what is wrong as OperatorErrors."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # no types
from onnx import GraphProto, ModelProto, NodeProto, TensorProto
from onnx.checker import ValidationError
from onnx.shape_inference import InferenceError

from recipec.api import OperatorError
from recipec_onnx.export import LARGEST_FILE


def read_model(path: Path, *, external: bool = True) -> ModelProto:
    """Read a model, with the tensors that it keeps in other files.

    Raises OperatorError when it isn't one.
    """
    try:
        model = onnx.load(path, load_external_data=external)
    except (OSError, DecodeError, ValidationError, ValueError) as problem:
        raise OperatorError(f"{path.name} can't be read as an ONNX model: {problem}") from problem
    if not model.opset_import or not model.graph.output:
        raise OperatorError(f"{path.name} is not an ONNX model: it has no opset or no outputs")
    return model


def check_model(model: ModelProto, what: str) -> None:
    """Raise OperatorError when ONNX's checker refuses a model; `what` is how it is called."""
    try:
        onnx.checker.check_model(model)
    except (ValidationError, InferenceError) as problem:
        said = " ".join(str(problem).split())
        raise OperatorError(f"ONNX's checker refuses {what}: {said}") from problem


def write_model(model: ModelProto, path: Path) -> None:
    """Write a model as one file: the same model gives the same bytes.

    Raises OperatorError when it is larger than such a file can be.
    """
    if (size := weight_bytes(model)) >= LARGEST_FILE:
        raise OperatorError(
            f"the model's weights are {size:,} bytes, and one ONNX file holds less than 2 GiB"
        )
    path.write_bytes(model.SerializeToString(deterministic=True))


def weight_bytes(model: ModelProto) -> int:
    """Count the bytes of all tensors, wherever they are kept."""
    return sum(
        (prod(t.dims) * _bits(t.data_type) + 7) // 8
        for t in tensors(model)
        if t.data_type != TensorProto.STRING
    )


def _bits(data_type: int) -> int:
    if data_type in (TensorProto.INT4, TensorProto.UINT4, TensorProto.FLOAT4E2M1):
        return 4
    return 8 * int(onnx.helper.tensor_dtype_to_np_dtype(data_type).itemsize)


def tensors(model: ModelProto) -> Iterator[TensorProto]:
    """Give all tensors that a model holds: weights and constants, in bodies and functions too."""
    yield from _of_graph(model.graph)
    for function in model.functions:
        for node in function.node:
            yield from _of_node(node)


def _of_graph(graph: GraphProto) -> Iterator[TensorProto]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        yield from _of_node(node)


def _of_node(node: NodeProto) -> Iterator[TensorProto]:
    for attribute in node.attribute:
        held: Any = attribute
        if held.HasField("t"):
            yield held.t
        yield from held.tensors
        if held.HasField("sparse_tensor"):
            yield from (held.sparse_tensor.values, held.sparse_tensor.indices)
        if held.HasField("g"):
            yield from _of_graph(held.g)
        for graph in held.graphs:
            yield from _of_graph(graph)
