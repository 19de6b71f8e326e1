"""Run a model over samples and keep its first outputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recipec.api import Artifact, Model, OperatorError, RunContext
from recipec.api.data import Samples
from recipec.api.sessions import Array, Session, input_specs, open_session
from recipec_measure.batches import fixed_batch


def outputs(
    subject: Artifact[Model],
    samples: Samples,
    count: int,
    batch: int,
    context: RunContext,
    tell: Callable[[int], None],
) -> Array:
    """Give the first output for the first `count` samples, `[count, …]`; `tell` is told how far.

    A model with a fixed batch gets that many, the last batch being filled up. Raises OperatorError
    when the model doesn't load or run, or its output has no axis of samples.
    """
    specs = input_specs(subject)
    session, fixed = open_session(subject, context.threads), fixed_batch(subject.facts)
    found: list[Array] = []
    with session.active():
        for start in range(0, count, fixed or batch):
            rows = np.arange(start, min(start + (fixed or batch), count))
            arrays = samples.take(_filled(rows, fixed)).ordered(specs)
            found.append(_run(session, arrays)[: len(rows)])
            tell(int(rows[-1]) + 1)
    return np.concatenate(found)


def _filled(rows: NDArray[np.intp], fixed: int | None) -> NDArray[np.intp]:
    missing = 0 if fixed is None else fixed - len(rows)
    return np.concatenate([rows, np.repeat(rows[-1:], missing)])


def _run(session: Session, arrays: Sequence[Array]) -> Array:
    try:
        result: Any = session.run(session.feed(arrays))
    except OperatorError:
        raise
    except Exception as problem:  # runtimes have no common class of exceptions
        raise OperatorError(
            f"the model can't be run: {type(problem).__name__}: {problem}"
        ) from problem
    made = session.fetch(result)
    if not made.ndim or len(made) != len(arrays[0]):
        raise OperatorError(f"{len(arrays[0])} samples gave an output of shape {list(made.shape)}")
    return made


def vectors(made: Array) -> NDArray[np.float64]:
    """Give each sample's output as one vector `[N, values]`. Raises OperatorError on NaN and inf.

    What isn't a number is like nothing: a cosine or a class of it would say nothing either.
    """
    flat = made.reshape(len(made), -1).astype(np.float64)
    if unsound := int((~np.isfinite(flat)).any(axis=1).sum()):
        raise OperatorError(f"{unsound} of {len(flat)} samples have outputs that are not finite")
    return flat
