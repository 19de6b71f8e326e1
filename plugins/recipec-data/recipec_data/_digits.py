"""Load scikit-learn's digits and divide them into their splits."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from recipec.api.data import Samples
from recipec_data._stored import Scaling, StoredSamples
from recipec_data._subset import Subset
from recipec_data.digits import COUNTS


def load(split: str, mean: float, std: float, subset: Mapping[str, Any]) -> Samples:
    """Open a part of a split: `x` [N, 1, 8, 8] float32 and labels 0 to 9, if they are wanted."""
    images, labels = _digits()
    wanted, rows = Subset(**subset), _rows(split, labels)
    rows = rows[wanted.rows(labels[rows])]
    scaling = {"x": Scaling(16.0, mean, std)}
    return StoredSamples({"x": images}, labels if wanted.labelled else None, scaling, rows)


@functools.cache  # 115 KB, read from compressed text, which every stage would repeat
def _digits() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    bunch = load_digits()
    return bunch.images.astype(np.uint8)[:, np.newaxis], bunch.target.astype(np.int64)


def _rows(split: str, labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Shuffle within the classes, then deal evenly along the classes: shares exact to a sample."""
    shuffled = np.random.RandomState(0).permutation(len(labels))
    remaining = shuffled[np.argsort(labels[shuffled], kind="stable")]
    for name in ("test", "validation"):
        dealt = np.arange(len(remaining) + 1) * COUNTS[name] // len(remaining)
        chosen = np.diff(dealt) > 0
        if name == split:
            return np.sort(remaining[chosen])
        remaining = remaining[~chosen]
    return np.sort(remaining)
