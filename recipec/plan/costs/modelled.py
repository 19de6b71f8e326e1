"""What a node is expected to take where nothing like it ran on this machine: from its work, its
bytes, and the kind of node that it is."""

from __future__ import annotations

from typing import Final

from recipec.api import UNKNOWN, Estimate, Expected, Unknown
from recipec.plan.costs.bounds import expected
from recipec.plan.costs.job import Job

Span = tuple[float, float, float]
"""A low, a likely and a high value."""

IMPORTS: Final = (0.2, 1.5, 8.0)
"""Seconds until a framework is imported for the first time."""
SLACK: Final = 0.03
"""Seconds that anything may take more or less: files are synced, the machine does other things."""
REFERENCE: Final = expected(0.0, 0.001, 0.1, "model")
"""What it takes to write down where data is."""
COPIES: Final = (1.0, 3.0, 12.0)
"""How often a model is in memory: gradients, moments, activations, the copy that is made of it."""

CALL: Final = (0.0, 0.2, 3.0)
"""Seconds that an operator with a framework takes besides its multiply-adds: loading, tracing."""
PLAIN: Final = (0.0, 0.01, 0.3)
"""The same for an operator that needs no package."""
THREAD: Final = (5e8, 5e9, 5e10)
"""Multiply-adds that one thread does in a second: small layers in a slow loop, a model as usual,
large layers on wide vector units."""
DEVICE: Final = (1e10, 1e12, 1e14)
"""Multiply-adds that an accelerator does in a second."""
BYTES: Final = (2e6, 5e7, 2e9)
"""Bytes of a model that are converted, built or counted in a second."""
_FRAMEWORKS: Final = (1.5e8, 5e8, 2e9)
"""Bytes of a Python process with its frameworks."""
_PYTHON: Final = (2e7, 6e7, 3e8)
"""The same without any."""
FORMAT: Final = (0.0, 1e4, 1e6)
"""Bytes of a file beside its tensors: names, shapes, the graph."""
_TENSORS: Final = (0.9, 1.02, 1.3)
"""Bytes of a file for each byte of its tensors."""
_BUILT: Final = (0.2, 4.0, 100.0)
"""Bytes of a model whose facts are unknown for each byte of the model that it is made of: an engine
for several GPUs is many times the model."""


def modelled(job: Job) -> Estimate:
    """Estimate a job by models that hold on any machine: their ranges are wide."""
    return Estimate.model_construct(
        seconds=_seconds(job), peak_memory=_peak_memory(job), disk=_disk(job)
    )


def _seconds(job: Job) -> Expected | Unknown:
    """Go by the multiply-adds, else by the kind of node. What goes through samples, and doesn't say
    how often, may take any time."""
    low, likely, high = CALL if job.packages else PLAIN
    low -= SLACK
    if job.loads:
        low, likely, high = low + IMPORTS[0], likely + IMPORTS[1], high + IMPORTS[2]
    if job.work is not None:
        slow, usual, fast = DEVICE if job.device else (speed * job.threads for speed in THREAD)
        work = job.work
        return expected(low + work / fast, likely + work / usual, high + work / slow, "model")
    if job.samples:
        return UNKNOWN
    size = (job.read or 0) + (job.written or 0)
    slow, usual, fast = BYTES
    return expected(low + size / fast, likely + size / usual, 2 * high + size / slow, "guess")


def _peak_memory(job: Job) -> Expected:
    """Expect frameworks and so many copies of the model."""
    size = (job.read or 0) + (job.written or 0)
    base = _FRAMEWORKS if job.packages or job.loaded else _PYTHON
    low, likely, high = (b + c * size for b, c in zip(base, COPIES, strict=True))
    return expected(low, likely, high, "model" if job.read or job.written else "guess")


def _disk(job: Job) -> Expected | Unknown:
    """Expect the planned tensors, or a multiple of the model that another one is made of."""
    if job.written is not None:
        size, factors = job.written, _TENSORS
    elif job.read and job.makes_model:
        size, factors = job.read, _BUILT
    else:
        return UNKNOWN
    low, likely, high = (f * size + b for f, b in zip(factors, FORMAT, strict=True))
    return expected(low, likely, high, "guess" if job.written is None else "model")
