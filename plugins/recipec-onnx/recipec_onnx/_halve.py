"""Rewrite a graph so that it computes in 16 bits, with casts where it can't."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any, Final

import ml_dtypes
import numpy as np
import onnx.defs
import onnx.shape_inference
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from recipec.api import OperatorError
from recipec_onnx._reading import drop_unused, names_read, rename, rename_read
from recipec_onnx._upgrade import opset_of

FLOAT: Final = TensorProto.FLOAT
KINDS: Final = {"float16": TensorProto.FLOAT16, "bfloat16": TensorProto.BFLOAT16}
_DTYPES: Final = {"float16": np.float16, "bfloat16": ml_dtypes.bfloat16}


class Halving:
    """One conversion of a model's main graph, in place.

    `kept` are names of nodes that stay float32. With `simulated`, nodes compute in float32 between
    casts, so that each result is rounded as it would be: for runtimes without the type's kernels.
    """

    def __init__(
        self, model: ModelProto, to: str, kept: Collection[str], *, keep_io: bool, simulated: bool
    ) -> None:
        self.model, self.graph, self.kept, self.keep_io = model, model.graph, kept, keep_io
        self.to, self.kind, self.simulated = to, KINDS[to], simulated
        self.stored = {t.name: t for t in self.graph.initializer}
        self.types = _types(model)
        self.opset = opset_of(model)
        self.current: dict[str, int] = {}  # the type that a float32 value has now
        self.copies: dict[tuple[str, int], str] = {}
        self.nodes: list[NodeProto] = []
        self.clipped = 0

    def convert(self) -> None:
        """Do it. Raises OperatorError where the type of a value can't be told."""
        for value in self.graph.input:
            if value.type.tensor_type.elem_type == FLOAT and not self.keep_io:
                value.type.tensor_type.elem_type = self.kind
                self.current[value.name] = self.kind
        for node in list(self.graph.node):
            self._node(NodeProto.FromString(node.SerializeToString()))
        self._outputs()
        for node in self.nodes:
            node.name = node.name or f"{node.output[0]}/Cast"
        del self.graph.node[:], self.graph.value_info[:]
        self.graph.node.extend(self.nodes)
        drop_unused(self.model)
        self._name_back()

    def _name_back(self) -> None:
        """Give a weight in 16 bits the name of the one that it replaced."""
        stored = {tensor.name: tensor for tensor in self.graph.initializer}
        names = {
            copy: name
            for (name, _), copy in self.copies.items()
            if copy in stored and name not in stored
        }
        rename(self.model, names)

    def _node(self, node: NodeProto) -> None:
        bodies = any(a.HasField("g") or a.graphs for a in node.attribute)
        half = node.name not in self.kept and not bodies
        if half and node.op_type == "Cast" and _cast_to(node) == FLOAT:
            _set_cast(node, self.kind)
            self.current[node.output[0]] = self.kind
        takes, gives = self._halved(node) if half else (set(), set())
        for place, name in enumerate(node.input):
            if name and self._is_float(name):
                node.input[place] = self._as(name, self.kind if place in takes else FLOAT)
                if place in takes and self.simulated:
                    node.input[place] = self._cast(node.input[place], FLOAT)
        if bodies:
            self._give_floats_to(node)
        outputs = [name for place, name in enumerate(node.output) if place in gives and name]
        self.current |= dict.fromkeys(outputs, self.kind)
        self.nodes.append(node)
        if self.simulated:
            for place, name in enumerate(node.output):
                if name in outputs:
                    node.output[place] = f"{name}.exact"
                    self.nodes.append(_cast(f"{name}.exact", name, self.kind))

    def _halved(self, node: NodeProto) -> tuple[set[int], set[int]]:
        """Give the places of inputs and outputs that may have 16 bits, as ONNX defines them."""
        try:
            schema = onnx.defs.get_schema(node.op_type, self.opset, node.domain)
        except onnx.defs.SchemaError:
            return set(), set()  # a custom operator
        allowed = {c.type_param_str: set(c.allowed_type_strs) for c in schema.type_constraints}
        text = f"tensor({self.to})"

        def places(values: Any, formal: Any, wanted: Callable[[str], bool]) -> Iterator[int]:
            for place, name in enumerate(values):
                one = formal[min(place, len(formal) - 1)].type_str if formal else ""
                if name and wanted(name) and text in allowed.get(one, {one}):
                    yield place

        takes = set(places(node.input, schema.inputs, self._is_float))
        # An output whose type can't be told may be one that nobody reads.
        gives = set(places(node.output, schema.outputs, lambda n: self.types.get(n) == FLOAT))
        return (takes, gives) if takes else (set(), set())  # else it makes float32 of other types

    def _give_floats_to(self, node: NodeProto) -> None:
        """Let bodies read float32 copies of outer values that have 16 bits now."""
        own = set(node.input)
        wanted = {n for n in names_read([node]) if n not in own and n in self.current}
        renames = {name: self._as(name, FLOAT) for name in sorted(wanted)}
        for attribute in node.attribute:
            for body in (attribute.g, *attribute.graphs):
                rename_read(body, renames)

    def _is_float(self, name: str) -> bool:
        if name in self.stored:
            return bool(self.stored[name].data_type == FLOAT)
        if name not in self.types:
            raise OperatorError(
                f"the type of the value {name!r} can't be told",
                hint="`onnx.simplify` before, or keep the node that makes it in float32",
            )
        return self.types[name] == FLOAT

    def _as(self, name: str, kind: int) -> str:
        """Give the name of a float32 value in this type, stored or cast."""
        if self.current.get(name, FLOAT) == kind:
            return name
        if name in self.stored:
            return self._halve_stored(name)
        return self._cast(name, kind)

    def _cast(self, name: str, kind: int) -> str:
        key = name, kind
        if key not in self.copies:
            self.copies[key] = f"{name}.{'float32' if kind == FLOAT else self.to}"
            self.nodes.append(_cast(name, self.copies[key], kind))
        return self.copies[key]

    def _halve_stored(self, name: str) -> str:
        key = name, self.kind
        if key not in self.copies:
            values, clipped = halved(numpy_helper.to_array(self.stored[name]), self.to)
            self.clipped += clipped
            self.copies[key] = f"{name}.{self.to}"
            self.graph.initializer.append(numpy_helper.from_array(values, self.copies[key]))
        return self.copies[key]

    def _outputs(self) -> None:
        for value in self.graph.output:
            if value.type.tensor_type.elem_type != FLOAT:
                continue
            wanted = FLOAT if self.keep_io else self.kind
            value.type.tensor_type.elem_type = wanted
            if self.current.get(value.name, FLOAT) != wanted:
                inner = f"{value.name}.inner"
                for node in self.nodes:
                    for names in (node.input, node.output):
                        for place, name in enumerate(names):
                            names[place] = inner if name == value.name else name
                self.nodes.append(_cast(inner, value.name, wanted))


def halved(values: NDArray[Any], to: str) -> tuple[NDArray[Any], int]:
    """Give float32 values in 16 bits, and how many lay outside of the type's range.

    Those become its largest number, and none that isn't zero becomes zero: an epsilon stays one.
    """
    dtype: Any = _DTYPES[to]
    info: Any = ml_dtypes.finfo(dtype)  # type: ignore[no-untyped-call]  # it has no types
    largest, smallest = np.float32(info.max), np.float32(info.smallest_subnormal)
    outside = np.isfinite(values) & (np.abs(values) > largest)
    made = np.where(outside, np.copysign(largest, values), values)
    made = made.astype(dtype)
    lost = (made == 0) & (values != 0)
    made = np.where(lost, np.copysign(smallest, values).astype(dtype), made)
    return np.asarray(made, dtype), int(outside.sum())


def _types(model: ModelProto) -> dict[str, int]:
    inferred = onnx.shape_inference.infer_shapes(model)
    graph = inferred.graph
    return {
        value.name: value.type.tensor_type.elem_type
        for value in (*graph.input, *graph.output, *graph.value_info)
    }


def _cast(name: str, made: str, kind: int) -> NodeProto:
    return helper.make_node("Cast", [name], [made], to=kind)


def _cast_to(node: NodeProto) -> int:
    return next((int(a.i) for a in node.attribute if a.name == "to"), 0)


def _set_cast(node: NodeProto, kind: int) -> None:
    for attribute in node.attribute:
        if attribute.name == "to":
            attribute.i = kind
