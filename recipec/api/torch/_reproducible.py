"""Make a computation give the same bits each time: seeds, threads, deterministic algorithms."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


@contextmanager
def reproducible(seed: int, threads: int) -> Iterator[None]:
    """Seed Python's, NumPy's and torch's generators and compute deterministically.

    Runs on `threads` threads: results at different thread counts differ in the last bits. What was
    before (generator states, thread count, algorithms) is restored at the end.
    """
    python, numpy = random.getstate(), np.random.get_state()
    count = torch.get_num_threads()
    strict = torch.are_deterministic_algorithms_enabled()
    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    try:
        with torch.random.fork_rng():
            random.seed(seed)
            np.random.seed(seed % 2**32)
            torch.manual_seed(seed)
            torch.set_num_threads(threads)
            torch.use_deterministic_algorithms(True)
            yield
    finally:
        torch.use_deterministic_algorithms(strict, warn_only=warn_only)
        torch.set_num_threads(count)
        np.random.set_state(numpy)
        random.setstate(python)
