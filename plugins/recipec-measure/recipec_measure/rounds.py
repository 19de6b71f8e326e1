"""Time calls side by side, in rounds."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from random import Random
from time import perf_counter_ns

from recipec_measure.timings import BatchTimings


def time_rounds(
    calls: Mapping[str, Callable[[], object]],
    *,
    batch: int,
    runs: int,
    warmup: int,
    rewarm: int,
    random: Random,
) -> BatchTimings:
    """Run every call once per round, in an order that is shuffled for each round.

    In a fixed order a call always finds the machine as the same other call left it, and two copies
    of one model differ. What disturbs a whole round meets all calls alike, so rounds are pairs. A
    call must return when its work is done. What a call raises comes through.
    """
    order: list[tuple[str, ...]] = []
    nanoseconds: dict[str, list[int]] = {name: [] for name in calls}
    names = list(calls)
    with _no_garbage_collection():
        for call in calls.values():
            for _ in range(warmup):
                call()
        for _ in range(runs):
            random.shuffle(names)
            order.append(tuple(names))
            for name in names:
                call = calls[name]
                for _ in range(rewarm):
                    call()
                began = perf_counter_ns()
                call()
                nanoseconds[name].append(perf_counter_ns() - began)
    return BatchTimings(
        batch=batch,
        order=tuple(order),
        nanoseconds={name: tuple(times) for name, times in nanoseconds.items()},
    )


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
