"""Calibration on too few samples."""

from __future__ import annotations

from collections.abc import Iterator

from recipec.api import Finding, Learning, Lint, PlanView, StageView

FEWEST = 32
"""Samples below which ranges of activations are an accident (see the page)."""


def _check(plan: PlanView) -> Iterator[Finding]:
    for stage in plan.stages:
        for port, learning in stage.learns_from.items():
            if learning.how == "calibrates" and port in stage.inputs:
                said = _said(learning, plan.node(stage.inputs[port].node))
                if said is not None:
                    message, hint = said
                    yield Finding(
                        f"{stage.id!r} {message}",
                        stage=stage.id,
                        hint=hint,
                        at=stage.parameter(*port.split(".")),
                    )


def _said(learning: Learning, data: StageView) -> tuple[str, str] | None:
    """Say what is wrong with a number of samples, and what to do; None when nothing is known."""
    samples, wanted = data.samples, learning.samples
    count = samples.count if samples is not None and isinstance(samples.count, int) else None
    name = data.id.removeprefix("data.")
    if wanted is not None and count is not None and count < wanted:
        return (
            f"asks for {wanted} samples to calibrate with, and {name!r} has {count}",
            f"ask for {count} at most, or calibrate on other data",
        )
    known = [n for n in (wanted, count) if n is not None]
    if known and min(known) < FEWEST:
        return (
            f"calibrates with {min(known)} samples: ranges are those of a few inputs",
            f"take {FEWEST} at least; 100 to 1,000 are usual",
        )
    return None


LINT = Lint(
    "calibration-samples",
    "calibration asks for more samples than there are, or for very few",
    "recipec:explanations/calibration-samples.md",
    _check,
)
