"""Load IDX files."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recipec.api import OperatorError
from recipec.api.data import Samples
from recipec_data._parts import rows
from recipec_data._stored import Scaling, StoredSamples
from recipec_data.idx import sample_shape
from recipec_data.idx_header import IdxHeader, open_idx, read_header


def load(
    images: str, labels: str | None, part: Mapping[str, Any], scaling: Mapping[str, Any]
) -> Samples:
    """Open a part of the files: `x` [N, …] float32. Raises OperatorError at a file's parameter."""
    header = read_header(Path(images), "images")
    values = _values(Path(images), header, "images").reshape(-1, *sample_shape(header))
    classes = None
    if labels is not None:
        classes = _values(Path(labels), read_header(Path(labels), "labels"), "labels")
    return StoredSamples(
        {"x": values}, classes, {"x": Scaling(**scaling)}, rows(len(values), **part)
    )


def _values(path: Path, header: IdxHeader, at: str) -> NDArray[Any]:
    try:
        with open_idx(path, header.compressed) as file:
            content = file.read()
    except (OSError, EOFError, zlib.error) as problem:
        raise OperatorError(f"{path.name} can't be read: {problem}", at=(at,)) from problem
    if len(content) != header.bytes:
        raise OperatorError(f"{path.name} has {len(content)} bytes, not {header.bytes}", at=(at,))
    dtype = np.dtype(header.dtype).newbyteorder(">")
    return np.frombuffer(content, dtype, offset=header.offset).reshape(header.shape)
