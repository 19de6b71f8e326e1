"""How long a node will take."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final, NamedTuple

from recipec.api import UNKNOWN, Expected, Unknown
from recipec.plan.costs.job import Job
from recipec.plan.costs.pace import pace
from recipec.plan.costs.past import Experience, PastRun
from recipec.plan.costs.spread import around, deviation, expected


class Span(NamedTuple):
    """A low, a likely and a high value."""

    low: float
    likely: float
    high: float


IMPORTS: Final = Span(0.2, 1.5, 8.0)
"""Seconds until a framework is imported for the first time."""
CALL: Final = Span(0.0, 0.2, 3.0)
"""Seconds that an operator with a framework takes besides its multiply-adds: loading, tracing."""
PLAIN: Final = Span(0.0, 0.01, 0.3)
"""The same for an operator that needs no package."""
THREAD: Final = Span(5e8, 5e9, 5e10)
"""Multiply-adds that one thread does in a second: small layers in a slow loop, a model as usual,
large layers on wide vector units."""
DEVICE: Final = Span(1e10, 1e12, 1e14)
"""Multiply-adds that an accelerator does in a second."""
BYTES: Final = Span(2e6, 5e7, 2e9)
"""Bytes of a model that are converted, built or counted in a second."""
REPEATED: Final = 0.25
"""The standard deviation, of the logarithm, that is assumed between runs of the same stage."""
SLACK: Final = 0.03
"""Seconds that anything may take more or less: files are synced, the machine does other things."""
REFERENCE: Final = expected(0.0, 0.001, 0.1, "model")
"""What it takes to write down where data is."""


def expected_seconds(job: Job, experience: Experience | None) -> Expected | Unknown:
    """Say how long a node will take: as before; at the pace of before; by its multiply-adds; by
    the kind of stage it is. UNKNOWN when it goes through samples and nothing says how often."""
    if experience is not None:
        if same := experience.same(job):
            return _repeated(job, same)
        if comparable := experience.comparable(job):
            return _paced(job, comparable)
    if job.work is not None:
        return _computed(job, job.work)
    return UNKNOWN if job.samples else _guessed(job)


def _repeated(job: Job, same: list[PastRun]) -> Expected:
    taken = _loading_alike(job, same)
    seconds = [max(run.seconds, 1e-6) for run in taken]
    likely = median(seconds)
    sigma = deviation(seconds, likely, REPEATED)
    return _with_imports(job, taken, around(likely, sigma, "measured", len(taken), SLACK))


def _paced(job: Job, runs: Sequence[PastRun]) -> Expected:
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
    if now.difference(*before):
        return expected(
            found.low + IMPORTS.low,
            found.likely + IMPORTS.likely,
            found.high + IMPORTS.high,
            found.basis,
            found.runs,
        )
    if set.intersection(*before) - now:
        likely = max(found.likely - IMPORTS.likely, 0.4 * found.likely)
        return expected(min(0.2 * found.low, likely), likely, found.high, found.basis, found.runs)
    return found


def _overhead(job: Job) -> Span:
    if not job.packages:
        return PLAIN
    extra = IMPORTS if job.loads else Span(0, 0, 0)
    return Span(*(one + other for one, other in zip(CALL, extra, strict=True)))


def _computed(job: Job, work: int) -> Expected:
    slow, usual, fast = DEVICE if job.device else (speed * job.threads for speed in THREAD)
    over = _overhead(job)
    low = over.low + work / fast - SLACK
    return expected(low, over.likely + work / usual, over.high + work / slow, "model")


def _guessed(job: Job) -> Expected:
    over, size = _overhead(job), (job.read or 0) + (job.written or 0)
    return expected(
        over.low + size / BYTES.high - SLACK,
        over.likely + size / BYTES.likely,
        2 * over.high + size / BYTES.low,
        "guess",
    )
