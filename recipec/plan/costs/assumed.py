"""What is assumed of prices before any run tells them: the models of `modelled.py`, as a prior."""

from __future__ import annotations

from recipec.plan.costs.job import Job
from recipec.plan.costs.modelled import BYTES, CALL, DEVICE, FORMAT, IMPORTS, PLAIN, THREAD
from recipec.plan.costs.pace import Price


def prices(job: Job) -> tuple[Price, ...]:
    """Give what is assumed of seconds: for a call, a multiply-add, a byte of a model, an import."""
    call = Price(CALL[1], 15.0) if job.packages else Price(PLAIN[1], 30.0)
    usual, factor = (DEVICE[1], 100.0) if job.device else (THREAD[1] * job.threads, 10.0)
    return call, Price(1 / usual, factor), Price(1 / BYTES[1], 30.0), Price(IMPORTS[1], 5.0)


def disk_prices() -> tuple[Price, ...]:
    """Give what is assumed of an opaque file: bytes for itself, and for a byte of its source."""
    return Price(FORMAT[1], 100.0), Price(1.0, 10.0)
