"""What a whole plan is expected to take."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from recipec.api import UNKNOWN, Basis, Estimate, Expected, Unknown
from recipec.api.estimates import BASES
from recipec.plan.costs.bounds import exactly
from recipec.plan.model import Node

COUNTS = 0.1
"""The share of a total from which on what is behind a part of it is behind the total."""


class Total(NamedTuple):
    """Several nodes together, and those that are left out, as nothing can be said of them."""

    estimate: Estimate
    without_seconds: tuple[str, ...]
    without_disk: tuple[str, ...]


def total(nodes: Iterable[Node]) -> Total:
    """Add up what nodes are expected to take: seconds and bytes on disk as sums, from all low to
    all high; memory as the largest, since one node runs after the other.

    The basis is the weakest of those that make up a tenth or more of the total; of all, where none
    does.
    """
    estimates = {n.id: n.estimate for n in nodes if isinstance(n.estimate, Estimate)}
    seconds = {id: estimate.seconds for id, estimate in estimates.items()}
    disk = {id: estimate.disk for id, estimate in estimates.items()}
    peaks = [e.peak_memory for e in estimates.values() if isinstance(e.peak_memory, Expected)]
    return Total(
        Estimate.model_construct(
            seconds=_sum(seconds.values()), peak_memory=_largest(peaks), disk=_sum(disk.values())
        ),
        tuple(id for id, one in seconds.items() if isinstance(one, Unknown)),
        tuple(id for id, one in disk.items() if isinstance(one, Unknown)),
    )


def _sum(parts: Collection[Expected | Unknown]) -> Expected | Unknown:
    known = [part for part in parts if isinstance(part, Expected)]
    if not known:
        return UNKNOWN if parts else exactly(0.0)
    likely = sum(part.likely for part in known)
    large = [part.basis for part in known if part.likely >= COUNTS * likely]
    return Expected.model_construct(
        low=_rounded(sum(part.low for part in known)),
        likely=_rounded(likely),
        high=_rounded(sum(part.high for part in known)),
        basis=_weakest(large or [part.basis for part in known]),
        runs=0,
    )


def _largest(peaks: Sequence[Expected]) -> Expected | Unknown:
    if not peaks:
        return UNKNOWN
    top = max(peaks, key=lambda peak: peak.likely)
    return Expected.model_construct(
        low=max(peak.low for peak in peaks),
        likely=top.likely,
        high=max(peak.high for peak in peaks),
        basis=top.basis,
        runs=top.runs,
    )


def _rounded(total: float) -> float:
    return float(f"{total:.6g}")  # addends have three digits; what adding makes of more is noise


def _weakest(bases: Iterable[Basis]) -> Basis:
    return max(bases, key=BASES.index, default="exact")
