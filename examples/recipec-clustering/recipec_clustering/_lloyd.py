"""K-means of numbers: Lloyd's algorithm on sorted values."""

from __future__ import annotations

import torch
from torch import Tensor

from recipec_clustering.kmeans import Init


def first_centroids(ordered: Tensor, clusters: int, init: Init) -> Tensor:
    """Give the first centroids [clusters] for sorted float64 values [n], sorted.

    Han et al. (arXiv:1510.00149), section 3.2: `linear` lies between the least and the largest
    value; `density` has the same number of values between any two; `random` (Forgy) draws values.
    """
    if init == "linear":
        ends = float(ordered[0]), float(ordered[-1])
        return torch.linspace(*ends, clusters, dtype=torch.float64)
    count = len(ordered)
    if init == "density":
        middle = (torch.arange(clusters, dtype=torch.float64) + 0.5) / clusters
        return ordered[(middle * count).long().clamp(max=count - 1)]
    return ordered[torch.randperm(count)[:clusters]].sort().values


def centroids(ordered: Tensor, begin: Tensor, iterations: int) -> Tensor:
    """Move centroids [k] to the means of the values that are nearest to them, until none moves.

    `ordered` are float64 values [n], sorted, with more than k different ones. A value in the
    middle goes to the lower centroid. A centroid that has no value takes the one that is farthest
    from its own, as scikit-learn does. Lloyd, "Least squares quantization in PCM", IEEE
    Transactions on Information Theory 28 (1982).
    """
    sums = torch.cat([ordered.new_zeros(1), ordered.cumsum(0)])
    now, before = begin, None
    for _ in range(iterations):
        ends = torch.searchsorted(ordered, borders(now), right=True)
        edges = torch.cat([ends.new_zeros(1), ends, ends.new_tensor([len(ordered)])])
        counts, totals = edges.diff(), sums[edges].diff()
        if bool((counts == 0).any()):
            counts, totals = _filled(ordered, now, counts, totals)
        elif before is not None and torch.equal(edges, before):
            break
        now, before = (totals / counts).sort().values, edges
    return now


def borders(ordered: Tensor) -> Tensor:
    """Give the middles between sorted centroids [k]: [k − 1]."""
    return (ordered[1:] + ordered[:-1]) / 2


def _filled(ordered: Tensor, now: Tensor, counts: Tensor, totals: Tensor) -> tuple[Tensor, Tensor]:
    """Give counts and sums after each empty cluster has taken the value that is farthest off."""
    counts, totals = counts.clone(), totals.clone()
    empty = (counts == 0).nonzero().flatten().tolist()
    owners = torch.arange(len(now)).repeat_interleave(counts)
    for index in (ordered - now[owners]).abs().argsort(descending=True, stable=True).tolist():
        if not empty:
            break
        owner, value = owners[index], ordered[index]
        if counts[owner] > 1:
            counts[owner] -= 1
            totals[owner] -= value
            taken = empty.pop(0)
            counts[taken], totals[taken] = 1, value
    return counts, totals
