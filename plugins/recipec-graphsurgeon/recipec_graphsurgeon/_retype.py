"""The heavy half of `graphsurgeon.retype`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import onnx_graphsurgeon as gs
from numpy.typing import NDArray

from recipec.api import Artifact, RunContext, StageResult
from recipec.api.onnx import Session, compare, judge, onnx_facts, sample_inputs
from recipec_graphsurgeon._finish import TOLERANCE
from recipec_graphsurgeon._graph import Opened, close_graph, dtype_number, open_graph
from recipec_graphsurgeon.reading import Reading

if TYPE_CHECKING:
    from recipec_graphsurgeon.retype import Retype, RetypeParams

_MADE: Final = {"Cast": "cast", "Mul": "scaled"}
"""What the values between an input and the graph are called."""
_HALF_TOLERANCE: Final = 1e-3
"""What rounding outputs to the 11 significant bits of float16 may cost, as a share of their range.
"""


def retype(
    operator: Retype, inputs: Mapping[str, Artifact[Any]], context: RunContext
) -> StageResult:
    """Write the model with its new types, and compare its outputs with those of before.

    Both get the same values: what the new type leaves of a sample. Raises OperatorError.
    """
    context.progress(0, 2, "retyping")
    params = operator.with_
    before, after = inputs["model"].path, context.path_for("model")
    opened, facts = open_graph(before), onnx_facts(before)
    assert isinstance(facts.inputs, tuple)
    assert isinstance(facts.outputs, tuple)
    new, _ = operator.check(facts.inputs, facts.outputs)
    old = {spec.name: spec.dtype for spec in (*facts.inputs, *facts.outputs)}
    for index, tensor in reversed(list(enumerate(opened.graph.inputs))):
        if tensor.name in params.inputs:
            name = tensor.name
            opened.graph.inputs[index] = _read(opened, tensor, params.reading(name), old[name])
    for index, tensor in enumerate(opened.graph.outputs):
        if tensor.name in params.outputs and tensor.name in new:
            opened.graph.outputs[index] = _written(opened, tensor, new[tensor.name])
    close_graph(opened, after)

    context.progress(1, 2, f"comparing {params.check.samples} samples with before")
    found = compare(_both(params, inputs, context, old))
    limit = _HALF_TOLERANCE if "float16" in params.outputs.values() else TOLERANCE
    limit = params.check.tolerance or limit
    note = judge(found, limit, reference="those before")
    context.progress(2, 2, f"compared {found.samples} samples with before")
    made = onnx_facts(after)
    return StageResult({"model": made}, found.metrics(), (note,), {"tensors retyped": len(new)})


def _read(opened: Opened, tensor: gs.Variable, reading: Reading, old: str) -> gs.Variable:
    """Put Cast, Mul and Add between a new input and what reads the old one; give the new one."""
    steps = reading.added(old)
    if not steps:
        return tensor
    name, shape = tensor.name, tensor.shape
    tensor.name = opened.fresh(f"{name}/{old}")
    number = dtype_number(reading.dtype)
    given = gs.Variable(name, dtype=number, shape=shape)
    last = given
    nodes: list[gs.Node] = []
    for step in steps:
        made = tensor if step == steps[-1] else gs.Variable(opened.fresh(f"{name}/{_MADE[step]}"))
        operands = [last]
        if step != "Cast":
            value = reading.scale if step == "Mul" else reading.offset
            constant = _constant(value, old, len(shape))
            stored = "scale" if step == "Mul" else "offset"
            operands.append(gs.Constant(opened.fresh(f"{name}/{stored}"), constant))
        attrs = {"to": dtype_number(old)} if step == "Cast" else {}
        nodes.append(gs.Node(step, opened.fresh(f"{name}/{step}"), attrs, operands, [made]))
        last = made
    opened.graph.nodes[:0] = nodes
    return given


def _constant(value: float | tuple[float, ...], dtype: str, rank: int) -> NDArray[Any]:
    """Give a number, or a vector along axis 1, in the type that the graph computes in."""
    shape = (1, -1, *[1] * (rank - 2)) if isinstance(value, tuple) else ()
    return np.reshape(np.asarray(value, np.dtype(dtype)), shape)


def _written(opened: Opened, tensor: gs.Variable, dtype: str) -> gs.Variable:
    """Put a Cast behind a value, which keeps its readers inside; give the new output."""
    name, shape = tensor.name, tensor.shape
    tensor.name = opened.fresh(f"{name}/cast")
    number = dtype_number(dtype)
    made = gs.Variable(name, dtype=number, shape=shape)
    node = gs.Node("Cast", opened.fresh(f"{name}/Cast"), {"to": number}, [tensor], [made])
    opened.graph.nodes.append(node)
    return made


def _both(
    params: RetypeParams,
    inputs: Mapping[str, Artifact[Any]],
    context: RunContext,
    old: Mapping[str, str],
) -> Iterator[tuple[int, Sequence[Any], Sequence[Any]]]:
    before, after = inputs["model"].path, context.path_for("model")
    early, late = (Session(p, context.threads, optimized=False) for p in (before, after))
    check = params.check
    data = inputs.get("check.data")
    for arrays in sample_inputs(before, data, check.samples, context.seed, sizes=check.sizes):
        stored, whole = dict(arrays), dict(arrays)
        for name in params.inputs:
            reading = params.reading(name)
            stored[name] = _stored(arrays[name], reading)
            whole[name] = _value(stored[name], reading, old[name])
        count = next((len(array) for array in arrays.values() if array.ndim), 1)
        yield count, late.run(stored), early.run(whole)


def _stored(values: NDArray[Any], reading: Reading) -> NDArray[Any]:
    """Give what the new type leaves of values: rounded, and no further than it reaches."""
    kind: np.dtype[Any] = np.dtype(reading.dtype)
    if values.dtype.kind in "iub" or kind.kind == "b":
        return np.asarray(values, kind)
    scale = _constant(reading.scale, "float64", values.ndim)
    offset = _constant(reading.offset, "float64", values.ndim)
    steps = (values.astype(np.float64) - offset) / scale
    if kind.kind in "iu":
        limits = np.iinfo(kind)
        steps = np.clip(np.rint(steps), limits.min, limits.max)
    return np.asarray(steps, kind)


def _value(stored: NDArray[Any], reading: Reading, dtype: str) -> NDArray[Any]:
    """Give the values that the graph makes of them, in the type that it took before."""
    if not reading.arithmetic:
        return np.asarray(stored, dtype)
    scale = _constant(reading.scale, "float64", stored.ndim)
    offset = _constant(reading.offset, "float64", stored.ndim)
    return np.asarray(stored.astype(np.float64) * scale + offset, dtype)
