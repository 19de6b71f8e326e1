"""What nodes took before on this machine."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from recipec.api import Frozen
from recipec.plan.costs.job import Device, Job, Where

T = TypeVar("T")


class PastRun(Frozen):
    """One node that ran, as the history keeps it.

    `at` is when it ended (ISO 8601, UTC). `written` are the bytes its outputs were planned to have
    and `disk` those they have. The other names are those of `Job` and `recipec.api.Estimate`.
    """

    at: str
    version: int
    alike: str
    threads: int
    device: dict[str, str]
    loads: tuple[str, ...]
    takes: tuple[str, ...]
    work: int | None
    read: int | None
    written: int | None
    seconds: float
    peak_memory: int | None
    disk: int

    @property
    def on(self) -> Device:
        """The device, as a job has it."""
        return tuple(sorted(self.device.items()))

    @classmethod
    def of(
        cls, job: Job, *, at: str, seconds: float, peak_memory: int | None, disk: int
    ) -> "PastRun":
        """Make the record of a job that is done."""
        return cls(
            at=at,
            version=job.version,
            alike=job.alike,
            threads=job.threads,
            device=dict(job.device),
            loads=job.loads,
            takes=job.takes,
            work=job.work,
            read=job.read,
            written=job.written,
            seconds=seconds,
            peak_memory=peak_memory,
            disk=disk,
        )


class Experience:
    """All past runs of one operator on this machine, in their order."""

    def __init__(self, runs: Sequence[PastRun]) -> None:
        self.runs = tuple(runs)
        self._alike: dict[str, list[PastRun]] = {}
        for run in runs:
            self._alike.setdefault(run.alike, []).append(run)
        self._comparable: dict[Where, tuple[PastRun, ...]] = {}
        self._learnt: dict[tuple[object, ...], Any] = {}

    def remembered(self, about: tuple[object, ...], learn: Callable[[], T]) -> T:
        """Give what is learnt about something, which is the same for many jobs, and learnt once."""
        if about not in self._learnt:
            self._learnt[about] = learn()
        found: T = self._learnt[about]
        return found

    def same(self, job: Job) -> list[PastRun]:
        """Give the runs of the same parameters with as much to do."""
        return [
            run
            for run in self._alike.get(job.alike, ())
            if run.threads == job.threads
            and run.on == job.device
            and run.takes == job.takes
            and (run.work, run.read, run.written) == (job.work, job.read, job.written)
        ]

    def comparable(self, job: Job) -> tuple[PastRun, ...]:
        """Give the runs with the same number of threads on the same device; those on models of the
        same kinds if there are any."""
        found = self._comparable.get(job.where)
        if found is None:
            here = [r for r in self.runs if r.threads == job.threads and r.on == job.device]
            of_this_kind = tuple(run for run in here if run.takes == job.takes)
            found = self._comparable[job.where] = of_this_kind or tuple(here)
        return found
