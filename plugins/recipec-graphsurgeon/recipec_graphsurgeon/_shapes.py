"""Shapes that follow from those of the inputs, and a batch that the graph has written down."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import onnx_graphsurgeon as gs
from numpy.typing import NDArray
from onnx import ModelProto
from onnx.shape_inference import InferenceError

from recipec.api import OperatorError, TensorSpec
from recipec_graphsurgeon._graph import Opened
from recipec_graphsurgeon._sizes import WRITTEN_DOWN

COPY: Final = 0
"""In the shape of a Reshape: the size that the input has there."""


def take_batch_from_inputs(opened: Opened, batch: int) -> int:
    """Replace the old batch in the shapes of Reshape nodes; give how many had it.

    Only where the node's input has the batch in front too, so that its size there is the batch.
    """
    shapes = _inferred(opened.model)
    count = 0
    for node in opened.graph.nodes:
        if node.op != "Reshape" or node.attrs.get("allowzero"):
            continue
        constant = _constant(node.inputs[1])
        given = shapes.get(node.inputs[0].name)
        if constant is None or constant.ndim != 1 or not constant.size or not given:
            continue
        if constant[0] == batch and given[0] == batch:
            name = opened.fresh(f"{node.inputs[1].name}/free")
            node.inputs[1] = gs.Constant(name, np.concatenate([[COPY], constant[1:]]))
            count += 1
    return count


def _constant(tensor: Any) -> NDArray[Any] | None:
    if isinstance(tensor, gs.Constant):
        return np.asarray(tensor.values)
    made = tensor.inputs[0] if len(tensor.inputs) == 1 else None
    if (
        made is not None
        and made.op == "Constant"
        and isinstance(made.attrs.get("value"), gs.Constant)
    ):
        return np.asarray(made.attrs["value"].values)
    return None


def _inferred(model: ModelProto) -> dict[str, tuple[int | str, ...]]:
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
    graph = inferred.graph
    return {
        value.name: tuple(
            d.dim_value if d.HasField("dim_value") else d.dim_param or "?"
            for d in value.type.tensor_type.shape.dim
        )
        for value in (*graph.input, *graph.value_info, *graph.output)
        if value.type.tensor_type.HasField("shape")
    }


def check_inferred(path: Path, outputs: Sequence[TensorSpec]) -> None:
    """Raise OperatorError where an output is said to have a shape that follows from no input."""
    model = onnx.load(path)
    for value in model.graph.output:
        value.type.tensor_type.ClearField("shape")
    try:
        shapes = _inferred(model)
    except InferenceError as problem:
        raise OperatorError(f"the new shapes contradict the graph: {problem}") from problem
    for spec in outputs:
        for axis, (stated, found) in enumerate(
            zip(spec.shape, shapes.get(spec.name, ()), strict=False)
        ):
            if isinstance(found, int) and found != stated:
                raise OperatorError(
                    f"dimension {axis} of output {spec} is {found} whatever the inputs are",
                    at=("shapes",),
                    hint=f"state it: shapes: {{{spec.name}: {_stated(spec, axis, found)}}}; or "
                    + WRITTEN_DOWN,
                )
            if isinstance(stated, int) and found not in ("?", stated) and "unk__" not in str(found):
                raise OperatorError(
                    f"dimension {axis} of output {spec} is {found!r}, and not {stated} always",
                    at=("shapes",),
                    hint=f"state it: shapes: {{{spec.name}: {_stated(spec, axis, found)}}}",
                )


def _stated(spec: TensorSpec, axis: int, found: int | str) -> str:
    shape = [*spec.shape[:axis], found, *spec.shape[axis + 1 :]]
    return f"[{', '.join(map(str, shape))}]"
