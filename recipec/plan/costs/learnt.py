"""What a node is expected to take after its operator ran on this machine before."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

from recipec.api import Estimate, Expected
from recipec.plan.costs.assumed import disk_prices, prices
from recipec.plan.costs.bounds import expected
from recipec.plan.costs.job import Job
from recipec.plan.costs.modelled import COPIES, IMPORTS, SLACK
from recipec.plan.costs.pace import Amounts, Pace, Price, Seen
from recipec.plan.costs.past import Experience, PastRun
from recipec.plan.costs.spread import around, deviation

_SECONDS: Final = 0.25
_OTHERS: Final = 0.6
_MEMORY: Final = (0.12, 0.35)
_DISK: Final = (0.02, 0.5)
"""Standard deviations, of the logarithm, that are assumed between runs of the same stage, and of
the same operator."""
_LESS: Final = 0.8
"""How much less the process may hold when fewer stages ran in it before."""
_MOST: Final = 48
"""How many of the latest runs are looked at."""
_REPEATS: Final = 0.7
"""How much of what a run differs by its repeats share: many of them say little about others."""


def learnt(job: Job, experience: Experience, otherwise: Estimate) -> Estimate:
    """Estimate a job by past runs: of the same parameters with as much to do, else of its operator;
    and as it is `otherwise` where there are none that can be compared."""
    same, runs = experience.same(job), experience.comparable(job)[-_MOST:]
    return Estimate.model_construct(
        seconds=_seconds(job, experience, same, runs) or otherwise.seconds,
        peak_memory=_peak_memory(job, same, runs) or otherwise.peak_memory,
        disk=_disk(job, experience, same, runs) or otherwise.disk,
    )


def _seconds(
    job: Job, experience: Experience, same: Sequence[PastRun], runs: Sequence[PastRun]
) -> Expected | None:
    if same:
        return _repeated(job, same)
    if not runs:
        return None

    def learn() -> Pace:
        return _pace(prices(job), [(run.alike, _amounts(run), run.seconds) for run in runs])

    pace = experience.remembered(("seconds", job.packages, *job.where), learn)
    likely, sigma = pace.at(_amounts(job))
    return around(likely, sigma, "model", len(runs), SLACK)


def _amounts(one: Job | PastRun) -> Amounts:
    """Give what seconds grow with: one call, multiply-adds, bytes of models, imports."""
    return 1.0, float(one.work or 0), float(_size(one)), float(bool(one.loads))


def _size(one: Job | PastRun) -> int:
    return (one.read or 0) + (one.written or 0)


def _pace(
    assumed: Sequence[Price], runs: Sequence[tuple[str, Amounts, float]], spread: float = _OTHERS
) -> Pace:
    """Learn from runs: by what they had in common, their amounts, and what they took."""
    groups: dict[tuple[str, Amounts], list[float]] = {}
    for alike, amounts, taken in runs:
        groups.setdefault((alike, amounts), []).append(max(taken, 1e-6))
    seen = [
        Seen(amounts, median(taken), len(taken) / (1 + _REPEATS * (len(taken) - 1)))
        for (_, amounts), taken in groups.items()
    ]
    return Pace(assumed, seen, spread)


def _repeated(job: Job, same: Sequence[PastRun]) -> Expected:
    """Expect the seconds of the same stage."""
    taken = _loading_alike(job, same)
    seconds = [max(run.seconds, 1e-6) for run in taken]
    likely = median(seconds)
    sigma = deviation(seconds, likely, _SECONDS)
    return _with_imports(job, taken, around(likely, sigma, "measured", len(taken), SLACK))


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
    grown = _size(job) - median(map(_size, seen))
    sigma = deviation(peaks, usual, _MEMORY[1])
    found = around(max(usual + COPIES[1] * grown, 0.5 * usual), sigma, "model", len(seen))
    high = max(found.high, found.high + COPIES[2] * grown)
    return expected(_LESS * found.low, found.likely, high, "model", found.runs)


def _disk(
    job: Job, experience: Experience, same: Sequence[PastRun], runs: Sequence[PastRun]
) -> Expected | None:
    """Expect files as large as before; or the planned tensors and what other files of this operator
    had beside theirs; or, of an opaque file, one that grows with the model it is made of."""
    if sizes := [run.disk for run in same]:
        likely = median(sizes)
        sigma = deviation(sizes, likely, _DISK[0]) if likely else 0.0
        return around(likely, sigma, "measured", len(sizes), slack=64)
    if job.written is not None:
        known = [run for run in runs if run.written is not None]
        return _beside(job.written, known) if known else None
    if not runs:
        return None

    def learn() -> Pace:
        return _pace(disk_prices(), [(r.alike, _read(r), float(r.disk)) for r in runs], _DISK[1])

    pace = experience.remembered(("disk", *job.where), learn)
    likely, sigma = pace.at(_read(job))
    return around(likely, sigma, "model", len(runs))


def _read(one: Job | PastRun) -> Amounts:
    return 1.0, float(one.read or 0)


def _beside(written: int, runs: Sequence[PastRun]) -> Expected:
    """Expect the planned tensors, and beside them what there was beside those of other runs: code,
    names, a graph. A larger model has more of that, though not in proportion."""
    beside = [run.disk - (run.written or 0) for run in runs]
    usual, most, least = median(beside), max(*beside, 0), min(*beside, 0)
    larger = max(1.0, written / max(median(run.written or 0 for run in runs), 1)) ** 0.5
    low, high = max(written + least, 0.9 * written), 1.05 * written + 2 * larger * most
    return expected(low, max(written + usual, low), high, "model", len(runs))
