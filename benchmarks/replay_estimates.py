"""How good estimates are far from the past: every run that stores remember, expected from others.

    python benchmarks/replay_estimates.py STORE …

Nothing runs: a store keeps what nodes took on its machine (`STORE/v1/history`). Each such run is
expected once from all runs with other parameters, and once from those alone that had at most a
tenth of its multiply-adds (of its bytes, where it counts none): a recipe that was tried on a tiny
model, and then meets a real one. Prints by which factors the likely value was off, and how many of
the ranges held; one should hold nine of ten.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

from pydantic import ValidationError

from recipec.api import Expected
from recipec.plan.costs.job import Job
from recipec.plan.costs.past import Experience, PastRun
from recipec.plan.estimate import estimated

SHORT = 0.05
"""Seconds that are too few to tell how good an estimate is: the slack of every range."""
Chosen = Callable[[PastRun, PastRun], bool]


def remembered(stores: Sequence[Path]) -> dict[str, list[PastRun]]:
    """Give all past runs by operator, each once. Runs of an older format are left out."""
    found: dict[str, dict[tuple[str, float], PastRun]] = {}
    for file in (f for store in stores for f in sorted(store.glob("v1/history/*/*.json"))):
        history = json.loads(file.read_text())
        for run in history["runs"]:
            try:
                past = PastRun.model_validate(run)
            except ValidationError:
                continue
            found.setdefault(history["operator"], {})[past.at, past.seconds] = past
    return {operator: list(runs.values()) for operator, runs in found.items()}


def job_of(operator: str, run: PastRun) -> Job:
    """Make the job that a run was, as far as it is remembered."""
    return Job(
        operator, run.version, run.alike, run.threads, run.on, run.loads,
        packages=True, loaded=True, samples=run.work is not None, makes_model=True,
        takes=run.takes, work=run.work, read=run.read, written=run.written,
    )  # fmt: skip


def other(run: PastRun, past: PastRun) -> bool:
    return past.alike != run.alike


def far_smaller(run: PastRun, past: PastRun) -> bool:
    if run.work:
        return 10 * (past.work or 0) <= run.work
    size = (run.read or 0) + (run.written or 0)
    return 0 < 10 * ((past.read or 0) + (past.written or 0)) <= size


def replayed(
    runs: dict[str, list[PastRun]], chosen: Chosen
) -> Iterator[tuple[str, Expected, float]]:
    """Give what was expected and taken, by quantity."""
    for operator, all_of_it in runs.items():
        for run in all_of_it:
            past = [one for one in all_of_it if chosen(run, one)]
            if not past:
                continue
            found = estimated(job_of(operator, run), Experience(past))
            taken = {"seconds": run.seconds, "disk": run.disk, "peak_memory": run.peak_memory}
            for quantity, value in taken.items():
                expected = getattr(found, quantity)
                if not value or not isinstance(expected, Expected):
                    continue
                if quantity != "seconds" or max(value, expected.likely) > SHORT:
                    yield quantity, expected, value


def main() -> int:
    stores = [Path(name) for name in sys.argv[1:]]
    runs = remembered(stores)
    if not runs:
        print(__doc__)
        return 2
    print(f"{sum(map(len, runs.values()))} runs of {len(runs)} operators")
    print(f"{'':34}   compared   off by, median     nine of ten   held")
    for title, chosen in (("other parameters", other), ("ten times as much or more", far_smaller)):
        found = list(replayed(runs, chosen))
        for quantity in ("seconds", "disk", "peak_memory"):
            some = [(e, t) for q, e, t in found if q == quantity]
            off = sorted(math.exp(abs(math.log(t / max(e.likely, 1e-9)))) for e, t in some)
            if off:
                held = sum(e.holds(t) for e, t in some) / len(some)
                tail = off[int(0.9 * len(off))]
                print(
                    f"{title:25} {quantity:11} {len(off):8} {median(off):16.2f}× {tail:14.2f}× "
                    f"{held:6.0%}"
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
