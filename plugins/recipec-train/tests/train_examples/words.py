"""Sentences of token ids with a mask; the class is the first word's number modulo 3."""

import numpy as np

from recipec.api.data import ArraySamples


def load(count: int, seed: int = 0) -> ArraySamples:
    """Give `count` sentences of 6 words, of which 2 to 6 count."""
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, 3, count)
    ids = labels[:, None] + 3 * draw.integers(0, 6, (count, 6))
    mask = (np.arange(6) < draw.integers(2, 7, count)[:, None]).astype(np.int64)
    return ArraySamples({"mask": mask, "ids": ids * mask}, labels)
