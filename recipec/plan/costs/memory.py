"""How much memory the process will hold at the most while a node runs."""

from __future__ import annotations

from statistics import median
from typing import Final

from recipec.api import Expected
from recipec.plan.costs.job import Job
from recipec.plan.costs.past import Experience
from recipec.plan.costs.spread import around, deviation, expected

_FRAMEWORKS: Final = (1.5e8, 5e8, 2e9)
"""Bytes of a Python process with its frameworks."""
_PYTHON: Final = (2e7, 6e7, 3e8)
"""The same without any."""
_COPIES: Final = (1, 3, 12)
"""How often a model is there: gradients, moments, activations, the copy that is made of it."""
_REPEATED, _OTHERS = 0.12, 0.35
_LESS: Final = 0.8
"""How much less the process may hold when fewer stages ran in it before."""


def expected_memory(job: Job, experience: Experience | None) -> Expected:
    """Expect a peak: that of the same stage; that of the operator, on a model as large as this one;
    or frameworks and so many copies of the model."""
    size = (job.read or 0) + (job.written or 0)
    if experience is not None:
        same = [run.peak_memory for run in experience.same(job) if run.peak_memory]
        if same:
            likely = median(same)
            found = around(likely, deviation(same, likely, _REPEATED), "measured", len(same))
            return expected(_LESS * found.low, likely, found.high, "measured", len(same))
        others = [
            (run.peak_memory, (run.read or 0) + (run.written or 0))
            for run in experience.comparable(job)
            if run.peak_memory
        ]
        if others:
            usual = median(peak for peak, _ in others)
            grown = size - median(before for _, before in others)
            likely = max(usual + _COPIES[1] * grown, 0.5 * usual)
            sigma = deviation([peak for peak, _ in others], usual, _OTHERS)
            found = around(likely, sigma, "model", len(others))
            high = max(found.high, found.high + _COPIES[2] * grown)
            return expected(_LESS * found.low, found.likely, high, "model", found.runs)
    base = _FRAMEWORKS if job.packages or job.loaded else _PYTHON
    low, likely, high = (b + c * size for b, c in zip(base, _COPIES, strict=True))
    return expected(low, likely, high, "model" if job.read or job.written else "guess")
