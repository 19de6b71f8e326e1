"""Draw the rows of a part, the same at every call."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recipec.api.data import Batch, Samples
from recipec_data.parts import held_out


def rows(
    total: int, split: str | None, holdout: int | str, take: int | None, skip: int = 0
) -> NDArray[np.int64]:
    """Give the rows of a part of `total` samples, in the source's order.

    Training and validation rows of the same `holdout` never overlap. The draw comes from
    RandomState, whose stream NumPy has frozen (NEP 19), so that it is the same with any version.
    """
    drawn = np.random.RandomState(0).permutation(total)
    if held := held_out(holdout, total):
        drawn = drawn[:held] if split == "validation" else drawn[held:]
    return np.sort(drawn[skip:][:take]).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of other samples."""

    whole: Samples
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, indices: object) -> Batch:
        return self.whole.take(self.rows[np.asarray(indices, dtype=np.intp)])
