"""Open a dataset of Hugging Face's library and convert its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import datasets
import numpy as np
from numpy.typing import NDArray

from recipec.api import OperatorError
from recipec.api.data import Batch, Samples
from recipec_data._dataset_split import load_split
from recipec_data._parts import Part, rows

Column = Callable[[list[Any]], Mapping[str, NDArray[Any]]]
"""Makes the model's inputs of a column's values."""


@dataclass(frozen=True, slots=True)
class RowSamples:
    """Rows, converted when they are asked for: `columns` by name, and the column of labels."""

    rows: Any
    columns: Mapping[str, list[Column]]
    labels: str | None

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, indices: object) -> Batch:
        chosen = np.asarray(indices, dtype=np.intp).tolist()
        try:
            found = self.rows[chosen]
        except (OSError, ValueError) as problem:  # a picture that can't be decoded
            raise OperatorError(f"a row can't be read: {problem}", at=("dataset",)) from problem
        inputs: dict[str, NDArray[Any]] = {}
        for name, conversions in self.columns.items():
            for convert in conversions:
                inputs |= convert(found[name])
        labels = None if self.labels is None else np.array(found[self.labels], np.int64)
        return Batch(inputs, labels)


def load(
    source: Mapping[str, Any],
    image: Mapping[str, Any] | None,
    text: Mapping[str, Any] | None,
    arrays: Mapping[str, str],
    labels: str | None,
    part: Mapping[str, Any],
) -> Samples:
    """Open a part of the rows. Raises OperatorError at the parameter that is wrong."""
    samples = _open(source, image, text, arrays, labels)
    return Part(samples, rows(len(samples), **part))


def describe(
    *,
    source: Mapping[str, Any],
    image: Mapping[str, Any] | None,
    text: Mapping[str, Any] | None,
    arrays: Mapping[str, str],
    labels: str | None,
) -> dict[str, Any]:
    """Give count, inputs and labels as JSON. Raises OperatorError as `load` does."""
    samples = _open(source, image, text, arrays, labels)
    if not len(samples):
        raise OperatorError("the dataset has no rows", at=("dataset_split",))
    said = _labels(samples.rows, labels)
    first = samples.take([0])
    return {
        "count": len(samples),
        "inputs": [
            {"name": name, "shape": ["N", *values.shape[1:]], "dtype": values.dtype.name}
            for name, values in first.inputs.items()
        ],
        **said,
    }


def _labels(dataset: Any, column: str | None) -> dict[str, Any]:
    """Give the number of classes, if the column says it, and the largest label."""
    if column is None:
        return {"classes": None, "largest": None}
    kind = dataset.features[column]
    if not _whole(kind):
        raise OperatorError(
            f"{column!r} is {_said(kind)}, not a column of class labels",
            at=("labels",),
            hint="whole numbers from 0; `class_encode_column` makes them of names",
        )
    values = np.array(dataset[column])
    if values.dtype.kind != "i":
        raise OperatorError(f"some rows have no {column!r}", at=("labels",))
    if values.min() < 0:  # datasets writes -1 for a label that isn't known
        raise OperatorError(f"{column!r} holds the label {values.min()}", at=("labels",))
    return {"classes": getattr(kind, "num_classes", None), "largest": int(values.max())}


def _whole(kind: Any) -> bool:
    return isinstance(kind, datasets.ClassLabel) or (
        isinstance(kind, datasets.Value) and kind.dtype.lstrip("u").startswith("int")
    )


def _open(
    source: Mapping[str, Any],
    image: Mapping[str, Any] | None,
    text: Mapping[str, Any] | None,
    arrays: Mapping[str, str],
    labels: str | None,
) -> RowSamples:
    dataset = load_split(source)
    columns: dict[str, list[Column]] = {}

    def convert(column: str, at: tuple[str, ...], by: Column) -> None:
        if column not in dataset.features:
            raise OperatorError(
                f"there is no column {column!r}",
                at=at,
                hint=f"it has: {', '.join(dataset.features)}",
            )
        columns.setdefault(column, []).append(by)

    if image is not None:
        convert(image["column"], ("image", "column"), _pictures(image))
        _expect(dataset, image["column"], datasets.Image, "pictures", ("image", "column"))
    if text is not None:
        convert(text["column"], ("text", "column"), _texts(text))
        kind = dataset.features[text["column"]]
        if getattr(kind, "dtype", None) not in ("string", "large_string"):
            raise OperatorError(
                f"{text['column']!r} is {_said(kind)}, not texts", at=("text", "column")
            )
    for name, column in arrays.items():
        convert(column, ("arrays", name), _numbers(name, column))
    if labels is not None and labels not in dataset.features:
        hint = f"it has: {', '.join(dataset.features)}"
        raise OperatorError(f"there is no column {labels!r}", at=("labels",), hint=hint)
    # a column that nobody wants isn't read: its pictures would be decoded
    wanted = dict.fromkeys((*columns, *(() if labels is None else (labels,))))
    return RowSamples(dataset.select_columns(list(wanted)), columns, labels)


def _expect(dataset: Any, column: str, kind: type[Any], said: str, at: tuple[str, ...]) -> None:
    if not isinstance(dataset.features[column], kind):
        found = _said(dataset.features[column])
        raise OperatorError(f"{column!r} is {found}, not {said}", at=at)


def _said(kind: Any) -> str:
    return str(getattr(kind, "dtype", None) or type(kind).__name__)


def _pictures(image: Mapping[str, Any]) -> Column:
    from recipec_data._images import Conversion

    conversion = Conversion(**image["conversion"])

    def convert(values: list[Any]) -> dict[str, NDArray[Any]]:
        if any(value is None for value in values):
            raise OperatorError("a row has no picture", at=("image", "column"))
        return {image["input"]: np.stack([conversion(value) for value in values])}

    return convert


def _texts(text: Mapping[str, Any]) -> Column:
    from recipec_data._tokens import open_tokens

    try:
        tokens = open_tokens(**text["tokens"])
    except OperatorError as problem:
        raise OperatorError(
            problem.message, at=("text", *problem.at), hint=problem.hint
        ) from problem

    def convert(values: list[Any]) -> dict[str, NDArray[Any]]:
        if any(value is None for value in values):
            raise OperatorError("a row has no text", at=("text", "column"))
        return tokens(values)

    return convert


def _numbers(name: str, column: str) -> Column:
    def convert(values: list[Any]) -> dict[str, NDArray[Any]]:
        try:
            array = np.asarray(values)
        except ValueError as problem:
            message = f"{column!r} has rows of different shapes"
            raise OperatorError(message, at=("arrays", name)) from problem
        if array.dtype.kind not in "fiu":
            raise OperatorError(f"{column!r} holds no numbers", at=("arrays", name))
        return {name: array.astype(np.float32 if array.dtype.kind == "f" else np.int64)}

    return convert
