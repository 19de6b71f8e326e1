"""Open a dataset that Python code gives, and describe it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recipec.api import ImportString, OperatorError
from recipec.api.code import load_object
from recipec.api.data import ArraySamples, Batch, Samples
from recipec_data._parts import Part, rows


@dataclass(frozen=True, slots=True)
class DatasetSamples:
    """A map-style dataset, item by item.

    An item is (x, label), or x alone; or a dictionary of arrays by input name, with its label, if
    it has one, under "label". Raises OperatorError at ("source",) when an item can't be had.
    """

    name: str
    dataset: Any

    def __len__(self) -> int:
        return len(self.dataset)

    def take(self, indices: object) -> Batch:
        try:
            items = [_item(self.dataset[int(i)]) for i in np.asarray(indices, dtype=np.intp)]
        except Exception as problem:  # the item is user code too
            raise _blame(self.name, problem) from problem
        labels = [label for _, label in items if label is not None]
        if labels and len(labels) < len(items):
            raise OperatorError(
                f"{self.name}: some items have labels, others don't", at=("source",)
            )
        inputs = {name: _stack([x[name] for x, _ in items], self.name) for name in items[0][0]}
        return Batch(inputs, np.array(labels, np.int64) if labels else None)


def _item(item: Any) -> tuple[dict[str, Any], int | None]:
    if isinstance(item, Mapping):
        label = item.get("label")
        inputs = {name: value for name, value in item.items() if name != "label"}
    elif isinstance(item, tuple | list) and len(item) == 2:
        x, label = item
        inputs = dict(x) if isinstance(x, Mapping) else {"x": x}
    else:
        inputs, label = {"x": item}, None
    return inputs, None if label is None else int(label)


def _stack(values: list[Any], name: str) -> NDArray[Any]:
    arrays = [np.asarray(value) for value in values]
    if len({array.shape for array in arrays}) > 1:
        raise OperatorError(f"{name}: items of different shapes", at=("source",))
    return _converted(np.stack(arrays), name)


def _converted(values: NDArray[Any], name: str) -> NDArray[Any]:
    """Give float32 for floats and int64 for whole numbers, which is what models take."""
    if values.dtype.kind not in "fiu":
        raise OperatorError(f"{name}: values of dtype {values.dtype}, no numbers", at=("source",))
    return np.ascontiguousarray(values, np.float32 if values.dtype.kind == "f" else np.int64)


def load(
    source: str,
    folder: str | None,
    args: Mapping[str, Any],
    files: Mapping[str, str],
    part: Mapping[str, Any],
) -> Samples:
    """Open a part of the dataset. Raises OperatorError at ("source",) when the code raises."""
    code = load_object(ImportString(source), None if folder is None else Path(folder))
    samples = _open(source, code, args, files)
    return Part(samples, rows(len(samples), **part))


def describe(
    name: str, args: Mapping[str, Any], files: Mapping[str, str], version: str | None, code: Any
) -> dict[str, Any]:
    """Give count, inputs and classes of a dataset as JSON (`classes`, `largest`: null if unknown).

    `version` isn't used: it makes what is remembered about another version another question.
    Raises OperatorError at ("source",) when the code raises or its result isn't a dataset.
    """
    samples = _open(name, code, args, files)
    if not len(samples):
        raise OperatorError(f"{name} gives no samples", at=("source",))
    first = samples.take([0])
    largest, classes = None, None
    if isinstance(samples, ArraySamples) and samples.labels is not None:
        if samples.labels.min() < 0:
            raise OperatorError(f"{name} has the label {samples.labels.min()}", at=("source",))
        largest = int(samples.labels.max())
        classes = largest + 1
    elif isinstance(samples, DatasetSamples) and hasattr(samples.dataset, "classes"):
        classes = len(samples.dataset.classes)
    return {
        "count": len(samples),
        "inputs": [
            {"name": key, "shape": ["N", *values.shape[1:]], "dtype": values.dtype.name}
            for key, values in first.inputs.items()
        ],
        "labels": first.labels is not None,
        "classes": classes,
        "largest": largest,
    }


def _open(name: str, code: Any, args: Mapping[str, Any], files: Mapping[str, str]) -> Samples:
    found = code
    if callable(code):
        try:
            found = code(**args, **files)
        except Exception as problem:  # user code may raise anything
            raise _blame(name, problem) from problem
    elif args or files:
        raise OperatorError(f"{name} is not a function, so it takes no arguments", at=("args",))
    if isinstance(found, tuple) and len(found) == 2 and len(found[0]) == len(found[1]):
        found = ArraySamples({"x": np.asarray(found[0])}, np.asarray(found[1]))
    if isinstance(found, ArraySamples):
        inputs = {key: _converted(values, name) for key, values in found.inputs.items()}
        if found.labels is not None and found.labels.dtype.kind not in "iu":
            raise OperatorError(f"{name}: labels of dtype {found.labels.dtype}", at=("source",))
        labels = None if found.labels is None else found.labels.astype(np.int64)
        return ArraySamples(inputs, labels)
    if hasattr(found, "__len__") and hasattr(found, "__getitem__"):
        return DatasetSamples(name, found)
    if isinstance(found, Samples):
        return found
    raise OperatorError(
        f"{name} gives a {type(found).__name__}, not a dataset",
        at=("source",),
        hint="an object with __len__ and __getitem__, two arrays (x, labels), or "
        "recipec.api.data.ArraySamples",
    )


def _blame(name: str, problem: Exception) -> OperatorError:
    if isinstance(problem, OperatorError):
        return problem
    return OperatorError(f"{name} raised {type(problem).__name__}: {problem}", at=("source",))
