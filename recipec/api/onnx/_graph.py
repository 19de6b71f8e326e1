"""An ONNX graph, ready to be asked: who makes a value, its shape, its constant content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import onnx.inliner
import onnx.shape_inference
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, numpy_helper

from recipec.api.errors import OperatorError

_SEEN_THROUGH: Final = {
    "Cast",
    "DequantizeLinear",
    "Identity",
    "QuantizeLinear",
    "Reshape",
    "Squeeze",
    "Transpose",
    "Unsqueeze",
}
"""What may stand between a stored weight and the node that uses it."""

_DTYPES: Final[Mapping[int, str]] = {
    TensorProto.FLOAT: "float32",
    TensorProto.DOUBLE: "float64",
    TensorProto.FLOAT16: "float16",
    TensorProto.BFLOAT16: "bfloat16",
    TensorProto.INT64: "int64",
    TensorProto.INT32: "int32",
    TensorProto.INT16: "int16",
    TensorProto.INT8: "int8",
    TensorProto.UINT8: "uint8",
    TensorProto.INT4: "int4",
    TensorProto.UINT4: "uint4",
    TensorProto.BOOL: "bool",
}


def dtype_name(elem_type: int) -> str:
    """Give the name that layer tables use; ONNX's own in lower case for a type they don't have."""
    return _DTYPES.get(elem_type) or str(TensorProto.DataType.Name(elem_type)).lower()


def nodes_within(graph: GraphProto) -> Iterator[NodeProto]:
    """Give all nodes of a graph, those of its If, Loop and Scan bodies too."""
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                yield from nodes_within(inner)


class Graph:
    """A model's main graph with its functions inlined, its constants, and its inferred shapes.

    Shapes are for one batch: a free dimension that leads an input counts as 1.
    """

    def __init__(self, model: ModelProto, folder: Path) -> None:
        if model.functions:
            model = onnx.inliner.inline_local_functions(model)
        self.folder = folder
        self.nodes: list[NodeProto] = list(model.graph.node)
        self.places = {id(node): place for place, node in enumerate(self.nodes)}
        self.constants: dict[str, TensorProto] = {t.name: t for t in model.graph.initializer}
        self.filled: dict[str, NDArray[Any]] = {}  # stored as one number and a shape
        for node in self.nodes:
            if node.op_type == "Constant" and (held := _held(node)) is not None:
                self.constants[node.output[0]] = held
        for node in self.nodes:
            if node.op_type == "ConstantOfShape":
                self._fill(node)
        self.inputs: list[ValueInfoProto] = [
            value for value in model.graph.input if value.name not in self.constants
        ]
        self.producers = {name: node for node in self.nodes for name in node.output}
        self.consumers: dict[str, list[NodeProto]] = {}
        for node in self.nodes:
            for name in node.input:
                self.consumers.setdefault(name, []).append(node)
        self.outputs = {value.name for value in model.graph.output}
        self.has_bodies = any(a.HasField("g") or a.graphs for n in self.nodes for a in n.attribute)
        self.batch, self.shapes = _shapes(model, {value.name for value in self.inputs})

    def is_constant(self, name: str) -> bool:
        """Say whether a value is a stored tensor, perhaps dequantized, cast or transposed."""
        return self.stored(name) is not None

    def stored(self, name: str) -> tuple[str, NodeProto | None] | None:
        """Follow a value up to the tensor it is made of: its name and what dequantizes it."""
        dequantize = None
        while name not in self.constants:
            node = self.producers.get(name)
            if node is None or node.op_type not in _SEEN_THROUGH:
                return None
            if node.op_type == "DequantizeLinear":
                dequantize = node
            name = node.input[0]
        return name, dequantize

    def _fill(self, node: NodeProto) -> None:
        """Count what is made of a constant shape among the constants."""
        shape = self.array(node.input[0])
        if shape is None:
            return
        value = next((a.t for a in node.attribute if a.name == "value"), None)
        one = np.zeros(1, np.float32) if value is None else numpy_helper.to_array(value)
        name, kind = node.output[0], TensorProto.FLOAT if value is None else value.data_type
        self.filled[name] = one.reshape(())
        self.constants[name] = TensorProto(name=name, data_type=kind, dims=shape.tolist())

    def array(self, name: str) -> NDArray[Any] | None:
        """Give the content of a constant, None for anything else."""
        tensor = self.constants.get(name)
        if tensor is not None and name in self.filled:
            return np.broadcast_to(self.filled[name], tuple(tensor.dims))
        return None if tensor is None else numpy_helper.to_array(tensor, str(self.folder))


def _held(node: NodeProto) -> TensorProto | None:
    """Give the tensor of a Constant; None for sparse tensors and text."""
    for attribute in node.attribute:
        if attribute.name == "value":
            tensor: TensorProto = attribute.t
            return tensor
        if attribute.name in ("value_float", "value_floats"):
            numbers = attribute.floats if attribute.name.endswith("s") else attribute.f
            return numpy_helper.from_array(np.array(numbers, np.float32))
        if attribute.name in ("value_int", "value_ints"):
            whole = attribute.ints if attribute.name.endswith("s") else attribute.i
            return numpy_helper.from_array(np.array(whole, np.int64))
    return None


def _shapes(model: ModelProto, inputs: set[str]) -> tuple[int, dict[str, tuple[int, ...]]]:
    """Infer shapes for one batch; give the batch size of a model that has a fixed one, else 1."""
    single = ModelProto()
    single.CopyFrom(model)
    del single.graph.value_info[:]
    leading = [
        value.type.tensor_type.shape.dim[0]
        for value in single.graph.input
        if value.name in inputs and value.type.tensor_type.shape.dim
    ]
    free = {dim.dim_param for dim in leading if not dim.HasField("dim_value")}
    fixed = {int(dim.dim_value) for dim in leading if dim.HasField("dim_value")}
    for value in (*single.graph.input, *single.graph.output):
        for dim in value.type.tensor_type.shape.dim:
            if not dim.HasField("dim_value") and dim.dim_param in free:
                dim.dim_value = 1
    for node in single.graph.node:
        if node.op_type == "DynamicQuantizeLSTM":  # onnxruntime's own: shapes are an LSTM's
            node.op_type, node.domain = "LSTM", ""
            del node.input[8:]
    try:
        inferred = onnx.shape_inference.infer_shapes(single, data_prop=True)
    except onnx.shape_inference.InferenceError as problem:
        said = " ".join(str(problem).split())
        raise OperatorError(f"ONNX's shape inference refuses the model: {said}") from problem
    found = {}
    for value in (*inferred.graph.input, *inferred.graph.output, *inferred.graph.value_info):
        dims = value.type.tensor_type.shape.dim
        if value.type.tensor_type.HasField("shape") and all(d.HasField("dim_value") for d in dims):
            found[value.name] = tuple(int(d.dim_value) for d in dims)
    return max(fixed) if fixed and not free else 1, found
