"""Examples: raw values where they can be had, the model's inputs and outputs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

import numpy as np
from numpy.typing import NDArray

from recipec.api import Artifact, DataSamples, Model, OperatorError, Preprocessing
from recipec.api.data import open_samples
from recipec.api.sessions import input_specs, open_session

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Examples:
    """What lies in the two files. `raw` says whether inputs are as stored, to be preprocessed."""

    inputs: dict[str, Array]
    output: Array
    raw: bool


def make_examples(
    model: Artifact[Model], data: Artifact[DataSamples], count: int, threads: int
) -> Examples:
    """Run the first samples. Raises OperatorError when the model doesn't load or run."""
    samples, specs = open_samples(data), input_specs(model)
    fixed = specs[0].shape[0] if specs and specs[0].shape else "N"
    count = fixed if isinstance(fixed, int) else min(count, len(samples))
    arrays = samples.take(np.arange(count) % len(samples)).ordered(specs)
    session = open_session(model, threads)
    with session.active():
        try:
            output = session.fetch(session.run(session.feed(arrays)))
        except OperatorError:
            raise
        except Exception as problem:  # runtimes have no common class of exceptions
            raise OperatorError(
                f"the model can't be run: {type(problem).__name__}: {problem}"
            ) from problem
    steps = data.facts.preprocessing
    if isinstance(steps, Preprocessing) and not steps.before:
        stored = [_stored(array, steps) for array in arrays]
        if all(array is not None for array in stored):
            arrays = tuple(array for array in stored if array is not None)
            return Examples(dict(zip(_names(model), arrays, strict=True)), output, raw=True)
    return Examples(dict(zip(_names(model), arrays, strict=True)), output, raw=False)


def _names(model: Artifact[Model]) -> list[str]:
    return [spec.name for spec in input_specs(model)]


def _stored(array: Array, steps: Preprocessing) -> Array | None:
    """Undo the preprocessing; None where doing it again wouldn't give the very same values."""
    mean, std = _shaped(steps.mean, array), _shaped(steps.std, array)
    values = np.rint((array.astype(np.float64) * std + mean) * steps.divisor)
    if not 0 <= values.min() <= values.max() <= 255:
        return None
    again = ((values / steps.divisor - mean) / std).astype(np.float32)
    return values.astype(np.uint8) if np.array_equal(again, array) else None


def _shaped(values: tuple[float, ...], array: Array) -> Array:
    """Put one number for each channel onto axis 1."""
    shape = (-1, *[1] * (array.ndim - 2)) if len(values) > 1 else (-1,)
    return np.asarray(values, np.float64).reshape(shape)


def save_arrays(path: Path, arrays: dict[str, Array]) -> None:
    """Write an NPZ file without dates, so that the bytes are always the same."""
    with ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            member = ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            with archive.open(member, "w") as file:
                np.lib.format.write_array(file, np.ascontiguousarray(array), allow_pickle=False)
