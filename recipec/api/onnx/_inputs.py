"""What two ONNX models are compared on: samples of the recipe's data, or random ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray

from recipec.api.artifacts import Artifact, DataSamples, TensorSpec
from recipec.api.data import inputs_mismatch, open_samples
from recipec.api.errors import OperatorError
from recipec.api.onnx._facts import onnx_facts
from recipec.api.onnx._graph import Graph
from recipec.api.output_check import batchless

BATCH: Final = 32
LENGTH: Final = 16
"""Of a free dimension other than the batch, where nobody says how long it is."""

_PASSING: Final = {"Cast", "Expand", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze"}


def sample_inputs(
    model: Path,
    data: Artifact[DataSamples] | None,
    count: int,
    seed: int,
    *,
    sizes: Mapping[str, int] | None = None,
    batch: int = BATCH,
) -> Iterator[dict[str, NDArray[Any]]]:
    """Give `count` samples as arrays by input name, in batches that the model takes.

    With `data` they are the first ones of a seeded permutation. Without, floats are standard
    normal, integers that look up rows of a stored table (token ids) are any of its rows, and other
    integers and booleans are ones, which serve as masks. `sizes` are the lengths of free
    dimensions other than the batch. A model with a fixed batch gets whole ones, of which the last
    may hold samples for a second time. Raises OperatorError when data doesn't fit the model.
    """
    facts = onnx_facts(model)
    assert isinstance(facts.inputs, tuple)
    fixed = fixed_batch(facts.inputs)
    if data is None:
        yield from _random(facts.inputs, _table_rows(model), count, seed, sizes or {}, batch)
        return
    if not isinstance(data.facts.inputs, tuple):
        raise OperatorError("the shapes of the data aren't known")
    if reason := inputs_mismatch(batchless(facts.inputs), data.facts.inputs):
        raise OperatorError(reason)
    source = open_samples(data)
    rows = np.random.default_rng(seed).permutation(len(source))[:count]
    if fixed:
        rows = np.resize(rows, ceil(len(rows) / fixed) * fixed)
    step = fixed or batch
    for start in range(0, len(rows), step):
        taken = source.take(rows[start : start + step]).ordered(facts.inputs)
        yield {spec.name: values for spec, values in zip(facts.inputs, taken, strict=True)}


def fixed_batch(inputs: Sequence[TensorSpec]) -> int | None:
    """Give the batch that the model has, None where it takes any."""
    leading = [spec.shape[0] for spec in inputs if spec.shape]
    return leading[0] if leading and isinstance(leading[0], int) else None


def _random(
    inputs: Sequence[TensorSpec],
    rows: Mapping[str, int],
    count: int,
    seed: int,
    sizes: Mapping[str, int],
    batch: int,
) -> Iterator[dict[str, NDArray[Any]]]:
    leading = next((spec.shape[0] for spec in inputs if spec.shape), None)
    if leading is None:
        count = 1  # nothing but single numbers, or no input at all: there are no samples
    step = leading if isinstance(leading, int) else batch
    generator = np.random.default_rng(seed)
    for start in range(0, count, max(step, 1)):
        size = step if isinstance(leading, int) else min(step, count - start)
        arrays: dict[str, NDArray[Any]] = {}
        for spec in inputs:
            shape = tuple(
                _length(dim, place, leading, size, sizes) for place, dim in enumerate(spec.shape)
            )
            arrays[spec.name] = _values(generator, spec, shape, rows.get(spec.name))
        yield arrays


def _length(
    dim: int | str, place: int, leading: int | str | None, size: int, sizes: Mapping[str, int]
) -> int:
    if isinstance(dim, int):
        return dim
    if dim in sizes:
        return sizes[dim]
    is_batch = dim == leading and (dim != "?" or place == 0)
    return size if is_batch else LENGTH


def _values(
    generator: np.random.Generator, spec: TensorSpec, shape: tuple[int, ...], rows: int | None
) -> NDArray[Any]:
    if spec.dtype in ("float16", "float32", "float64", "bfloat16"):
        values = generator.standard_normal(shape, np.float32)
        return values if spec.dtype == "bfloat16" else values.astype(spec.dtype)
    if spec.dtype == "string":
        raise OperatorError(
            f"input {spec.name!r} takes text, which random samples don't have",
            at=("check", "data"),
            hint="name data to compare on",
        )
    if rows is not None:
        return generator.integers(0, rows, shape).astype(spec.dtype)
    return np.ones(shape, spec.dtype)


def _table_rows(path: Path) -> dict[str, int]:
    """Give the number of rows of the tables that integer inputs look up, by input."""
    graph = Graph(onnx.load(path, load_external_data=False), path.parent)
    found: dict[str, int] = {}
    for node in graph.nodes:
        if node.op_type != "Gather" or not (stored := graph.stored(node.input[0])):
            continue
        axis = next((a.i for a in node.attribute if a.name == "axis"), 0)
        rows = int(graph.constants[stored[0]].dims[axis])
        name = node.input[1]
        while (made := graph.producers.get(name)) and made.op_type in _PASSING:
            name = made.input[0]
        found[name] = min(rows, found.get(name, rows))
    return found
