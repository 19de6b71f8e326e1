"""Run a model at the sizes of before, and at others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from recipec.api import OperatorError, TensorSpec
from recipec.api.onnx import Session
from recipec_graphsurgeon.dynamic import changes

Arrays = Mapping[str, NDArray[Any]]

WRITTEN_DOWN: Final = (
    "the old size may be written into the graph: export the model with it free instead"
)


def pairs(
    early: Session, late: Session, samples: Sequence[Arrays], batch: int | None
) -> Iterator[tuple[int, Sequence[Any], Sequence[Any]]]:
    """Run both on the same samples; where the batch became free, all at once afterwards."""
    if batch is None:
        for arrays in samples:
            yield _count(arrays), late.run(arrays), early.run(arrays)
        return
    samples = samples if len(samples) > 1 else [*samples, *samples]
    wanted = [early.run(arrays) for arrays in samples]
    together = {name: np.concatenate([a[name] for a in samples]) for name in samples[0]}
    made = _tried(late, together, "the batch")
    joined = [np.concatenate([w[index] for w in wanted]) for index in range(len(wanted[0]))]
    yield _count(together), made, joined


def other_sizes(
    late: Session,
    before: Sequence[TensorSpec],
    after: Sequence[TensorSpec],
    arrays: Arrays,
    batch: int | None,
) -> Iterator[str]:
    """Run the model at another size of each dimension that became free; say so."""
    freed: dict[str, int] = {}
    for _, axis, was, becomes in changes(tuple(before), tuple(after)):
        if isinstance(was, int) and isinstance(becomes, str) and not (axis == 0 and batch):
            freed[becomes] = was
    for name, size in freed.items():
        longer = dict(arrays)
        for spec in after:
            for axis, dim in enumerate(spec.shape):
                if dim == name:
                    longer[spec.name] = np.repeat(longer[spec.name], 2, axis)
        _tried(late, longer, f"dimension {name!r}")
        yield f"the model also runs where {name} is {2 * size} instead of {size}"


def _tried(session: Session, arrays: Arrays, what: str) -> Sequence[Any]:
    try:
        return session.run(arrays)
    except OperatorError as problem:
        raise OperatorError(
            f"the model doesn't run at another size of {what}: {problem.message}", hint=WRITTEN_DOWN
        ) from problem


def _count(arrays: Arrays) -> int:
    return next((len(array) for array in arrays.values() if array.ndim), 1)
