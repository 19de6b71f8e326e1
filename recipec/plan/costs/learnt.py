"""What a node is expected to take after its operator ran on this machine before."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

from recipec.api import Estimate, Expected
from recipec.plan.costs.bounds import expected
from recipec.plan.costs.job import Job
from recipec.plan.costs.modelled import COPIES, IMPORTS, SLACK
from recipec.plan.costs.pace import pace
from recipec.plan.costs.past import Experience, PastRun
from recipec.plan.costs.spread import around, deviation

_SECONDS: Final = 0.25
_MEMORY: Final = (0.12, 0.35)
_DISK: Final = (0.02, 0.9)
"""Standard deviations, of the logarithm, that are assumed between runs of the same stage, and of
the same operator."""
_LESS: Final = 0.8
"""How much less the process may hold when fewer stages ran in it before."""


def learnt(job: Job, experience: Experience, otherwise: Estimate) -> Estimate:
    """Estimate a job by past runs: of the same parameters with as much to do, else of its operator;
    and as it is `otherwise` where there are none that can be compared."""
    same, runs = experience.same(job), experience.comparable(job)
    return Estimate.model_construct(
        seconds=_repeated(job, same) if same else _paced(job, runs) if runs else otherwise.seconds,
        peak_memory=_peak_memory(job, same, runs) or otherwise.peak_memory,
        disk=_disk(job, same, runs) or otherwise.disk,
    )


def _repeated(job: Job, same: Sequence[PastRun]) -> Expected:
    """Expect the seconds of the same stage."""
    taken = _loading_alike(job, same)
    seconds = [max(run.seconds, 1e-6) for run in taken]
    likely = median(seconds)
    sigma = deviation(seconds, likely, _SECONDS)
    return _with_imports(job, taken, around(likely, sigma, "measured", len(taken), SLACK))


def _paced(job: Job, runs: Sequence[PastRun]) -> Expected:
    """Expect the pace of the operator."""
    taken = _loading_alike(job, runs)
    found = pace([(run.work, run.seconds) for run in taken])
    likely, sigma = found.at(job.work)
    return _with_imports(job, taken, around(likely, sigma, "model", found.runs, SLACK))


def _loading_alike(job: Job, runs: Sequence[PastRun]) -> Sequence[PastRun]:
    """Take the runs that had to import the same packages, if there are any."""
    return [run for run in runs if run.loads == job.loads] or runs


def _with_imports(job: Job, runs: Sequence[PastRun], found: Expected) -> Expected:
    """Add the import of packages that none of these runs had to import; or take out what all of
    them had to."""
    now, before = set(job.loads), [set(run.loads) for run in runs]
    low, likely, high = found.low, found.likely, found.high
    if now.difference(*before):
        low, likely, high = low + IMPORTS[0], likely + IMPORTS[1], high + IMPORTS[2]
    elif set.intersection(*before) - now:
        likely = max(likely - IMPORTS[1], 0.4 * likely)
        low = min(0.2 * low, likely)
    return expected(low, likely, high, found.basis, found.runs)


def _peak_memory(job: Job, same: Sequence[PastRun], runs: Sequence[PastRun]) -> Expected | None:
    """Expect the peak of the same stage; or that of the operator, grown as the model has."""
    if peaks := [run.peak_memory for run in same if run.peak_memory]:
        likely = median(peaks)
        found = around(likely, deviation(peaks, likely, _MEMORY[0]), "measured", len(peaks))
        return expected(_LESS * found.low, likely, found.high, "measured", len(peaks))
    seen = [run for run in runs if run.peak_memory]
    if not seen:
        return None
    peaks = [run.peak_memory or 0 for run in seen]
    usual = median(peaks)
    size = (job.read or 0) + (job.written or 0)
    grown = size - median((run.read or 0) + (run.written or 0) for run in seen)
    sigma = deviation(peaks, usual, _MEMORY[1])
    found = around(max(usual + COPIES[1] * grown, 0.5 * usual), sigma, "model", len(seen))
    high = max(found.high, found.high + COPIES[2] * grown)
    return expected(_LESS * found.low, found.likely, high, "model", found.runs)


def _disk(job: Job, same: Sequence[PastRun], runs: Sequence[PastRun]) -> Expected | None:
    """Expect files as large as before; or the planned tensors and what other files of this operator
    had beside theirs; or, of an opaque file, one that grew a little as the model has."""
    if sizes := [run.disk for run in same]:
        likely = median(sizes)
        sigma = deviation(sizes, likely, _DISK[0]) if likely else 0.0
        return around(likely, sigma, "measured", len(sizes), slack=64)
    known = [run for run in runs if run.written is not None]
    if job.written is not None and known:
        beside = [run.disk - (run.written or 0) for run in known]
        usual, most = median(beside), max(*beside, 0)
        low, high = job.written + min(*beside, 0), 1.05 * job.written + 2 * most
        return expected(low, job.written + usual, high, "model", len(known))
    if not runs:
        return None
    sizes = [max(run.disk, 1) for run in runs]
    read = median(run.read or 0 for run in runs)
    scale = (job.read / read) ** 0.5 if job.read and read else 1.0
    likely = median(sizes)
    return around(likely * scale, deviation(sizes, likely, _DISK[1]), "model", len(runs))
