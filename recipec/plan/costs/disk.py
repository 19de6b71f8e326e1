"""How many bytes a node's outputs will have as files."""

from __future__ import annotations

from statistics import median
from typing import Final

from recipec.api import UNKNOWN, Expected, Unknown
from recipec.plan.costs.job import Job
from recipec.plan.costs.past import Experience, PastRun
from recipec.plan.costs.spread import around, deviation, expected

_FORMAT: Final = 1e4
"""Bytes of a file beside its tensors: names, shapes, the graph."""
_LARGE_FORMAT: Final = 1e6
_REPEATED, _OTHERS = 0.02, 0.9
_BUILT: Final = (0.2, 4.0, 100.0)
"""Bytes of an output whose facts are unknown, by those of the model that it is made of: an engine
for several GPUs is many times the model."""


def expected_disk(job: Job, experience: Experience | None) -> Expected | Unknown:
    """Expect files: as large as before; the planned tensors and what this operator's files had
    beside them; or a multiple of the model that it takes. UNKNOWN when nothing is known."""
    if experience is not None:
        if same := [run.disk for run in experience.same(job)]:
            likely = median(same)
            sigma = deviation(same, likely, _REPEATED) if likely else 0.0
            return around(likely, sigma, "measured", len(same), 64)
        if runs := experience.comparable(job):
            return _as_others(job, runs)
    if job.written is not None:
        size = job.written
        return expected(0.9 * size, 1.02 * size + _FORMAT, 1.3 * size + _LARGE_FORMAT, "model")
    if job.read and job.makes_model:
        low, likely, high = (factor * job.read for factor in _BUILT)
        return expected(low, likely, high + _LARGE_FORMAT, "guess")
    return UNKNOWN


def _as_others(job: Job, runs: tuple[PastRun, ...]) -> Expected:
    """Add to the planned bytes what the files of this operator had beside theirs."""
    known = [run for run in runs if run.written is not None]
    if job.written is not None and known:
        beside = [run.disk - (run.written or 0) for run in known]
        usual, most = median(beside), max(*beside, 0)
        low = job.written + min(*beside, 0)
        return expected(
            low, job.written + usual, job.written * 1.05 + 2 * most, "model", len(known)
        )
    sizes = [max(run.disk, 1) for run in runs]
    read = median(run.read or 0 for run in runs)
    scale = job.read / read if job.read and read else 1.0
    likely = max(median(sizes), 1)
    return around(likely * scale**0.5, deviation(sizes, likely, _OTHERS), "model", len(runs))
