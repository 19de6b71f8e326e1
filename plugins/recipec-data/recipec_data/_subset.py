"""Draw a part of a labelled set so that every class has its share, however small the part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Subset:
    """What `SubsetParams` ask for."""

    take: int | None = None
    skip: int = 0
    draw: int = 0
    labelled: bool = True

    def rows(self, labels: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give the rows of the part, in the source's order."""
        if self.take is None and not self.skip:
            return np.arange(len(labels))
        chosen = evenly(labels, self.draw)[self.skip :][: self.take]
        return np.sort(chosen)


def evenly(labels: NDArray[np.int64], draw: int) -> NDArray[np.int64]:
    """Give all rows in an order of which each beginning holds every class by its share.

    Rows are shuffled within their classes; the k-th of a class with n samples stands at
    (k + ½) / n of the way, and of equal places the shuffled order decides. The draw comes from
    RandomState, whose stream NumPy has frozen (NEP 19).
    """
    shuffled = np.random.RandomState(draw).permutation(len(labels))
    places = np.empty(len(labels))
    for label in np.unique(labels):
        of_class = labels[shuffled] == label
        count = int(of_class.sum())
        places[of_class] = (np.arange(count) + 0.5) / count
    return shuffled[np.argsort(places, kind="stable")]
