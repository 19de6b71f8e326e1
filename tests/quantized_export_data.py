"""Random labelled images, as a data plugin would load them."""

import numpy as np

from recipec.api.data import ArraySamples

COUNT = 64


def load() -> ArraySamples:
    random = np.random.default_rng(0)
    images = random.standard_normal((COUNT, 1, 8, 8)).astype(np.float32)
    return ArraySamples({"x": images}, random.integers(0, 10, COUNT))
