"""Load arrays of an NPZ file."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from recipec.api import OperatorError
from recipec.api.data import Samples
from recipec_data._parts import rows
from recipec_data._stored import Scaling, StoredSamples
from recipec_data.npz import is_scaled


def load(
    file: str,
    inputs: Sequence[str],
    labels: str | None,
    part: Mapping[str, Any],
    scaling: Mapping[str, Any],
) -> Samples:
    """Open a part of the arrays. Raises OperatorError at ("file",)."""
    try:
        with np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in inputs}
            classes = None if labels is None else archive[labels]
    except (OSError, EOFError, KeyError, ValueError, zlib.error, zipfile.BadZipFile) as problem:
        raise OperatorError(
            f"{Path(file).name} can't be read: {problem}", at=("file",)
        ) from problem
    scales = {
        name: Scaling(**scaling) for name, values in arrays.items() if is_scaled(values.dtype.name)
    }
    return StoredSamples(arrays, classes, scales, rows(len(next(iter(arrays.values()))), **part))
