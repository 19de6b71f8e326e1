"""Make MNIST-1D and divide it into its splits."""

from __future__ import annotations

import functools
import random
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recipec.api.data import Samples
from recipec_data._stored import Scaling, StoredSamples
from recipec_data._subset import Subset
from recipec_data.mnist1d import COUNTS
from recipec_data.parts import Split


def load(split: Split, mean: float, std: float, subset: Mapping[str, Any]) -> Samples:
    """Open a part of a split: `x` [N, 1, 40] float32 and labels 0 to 9, if they are wanted."""
    signals, labels = _dataset()
    ends = np.cumsum(list(COUNTS.values()))
    split_rows = dict(zip(COUNTS, np.split(np.arange(len(labels)), ends[:-1]), strict=True))[split]
    wanted = Subset(**subset)
    rows = split_rows[wanted.rows(labels[split_rows])]
    scaling = {"x": Scaling(1.0, mean, std)}
    return StoredSamples({"x": signals}, labels if wanted.labelled else None, scaling, rows)


@functools.cache  # a second of computing, which every stage would repeat
def _dataset() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Make all signals [5000, 1, 40] and labels, the 4000 for training first.

    The package draws from the global generators of Python and NumPy; they are put back as they
    were, since nothing that a stage does may depend on whether its data was made just before.
    """
    from mnist1d.data import make_dataset  # imports matplotlib

    python, numpy = random.getstate(), np.random.get_state()
    try:
        made = make_dataset()
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
    signals = np.concatenate([made["x"], made["x_test"]])[:, np.newaxis]
    return signals, np.concatenate([made["y"], made["y_test"]]).astype(np.int64)
