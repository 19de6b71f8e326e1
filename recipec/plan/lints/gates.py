"""Gates that can't decide anything."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from math import ceil

from recipec.api import Finding, GateView, Lint, PlanView

LEVEL = 0.95
"""The confidence at which gates judge."""


def _undecidable(plan: PlanView) -> Iterator[Finding]:
    for gate in plan.gates:
        for stage, key in ((gate.stage, "metric"), (gate.against, "against")):
            reason = None if stage is None else _unmeasured(plan, stage, gate.metric)
            if reason is not None:
                yield Finding(
                    f"{gate.metric} can't be had of {stage!r} ({reason}): "
                    "this gate can only be inconclusive",
                    stage=gate.stage,
                    hint="set it on a stage where the metric is measured",
                    at=(*gate.at, key),
                )
                break


def _unmeasured(plan: PlanView, stage: str, metric: str) -> str | None:
    """Say why a metric will not be measured on a stage, or None when it will be."""
    wanted = [one for one in plan.measured.get(stage, ()) if metric in one.metrics]
    if not wanted:
        return "it isn't measured there"
    reasons = [one.unmeasured for one in wanted]
    return None if None in reasons else reasons[0]


def _too_fine(plan: PlanView) -> Iterator[Finding]:
    for gate in plan.gates:
        count = _samples(plan, gate)
        if gate.condition != "max_drop" or gate.unit != "share" or count is None:
            continue
        limit = gate.bound  # of a relative drop this is an upper bound: no share is more than 1
        best = _least_doubt(count)
        if limit > 0 and best > limit:
            yield Finding(
                f"{count} samples can't show a drop of at most {gate.wanted}: if the two models "
                f"agree on every one, it may still be {best * 100:.3f}pp",
                stage=gate.stage,
                hint=f"measure on {_enough(limit):,} samples at least, or allow more",
                at=(*gate.at, "max_drop"),
            )


@cache
def _least_doubt(count: int) -> float:
    """Give the largest drop that may still be there when two models agree on every sample."""
    from recipec.api.statistics import tango_interval

    return tango_interval(0, 0, count, LEVEL).high


def _samples(plan: PlanView, gate: GateView) -> int | None:
    """Give how many samples a gate's metric is measured on."""
    for one in plan.measured.get(gate.stage, ()):
        if gate.metric in one.metrics and one.data is not None:
            samples = plan.node(one.data).samples
            return samples.count if samples and isinstance(samples.count, int) else None
    return None


def _enough(limit: float) -> int:
    """Give the samples on which Tango's interval of no difference at all stays within a limit: it
    ends at z²/(n + z²)."""
    from statistics import NormalDist

    z = NormalDist().inv_cdf(0.5 + LEVEL / 2)
    return ceil(z * z * (1 - limit) / limit)


UNDECIDABLE = Lint(
    "gate-undecidable",
    "a gate judges a metric that can't be measured there",
    "recipec:explanations/gate-undecidable.md",
    _undecidable,
    machine_bound=True,
)
TOO_FINE = Lint(
    "gate-needs-samples",
    "a gate asks for more certainty than its samples can give",
    "recipec:explanations/gate-needs-samples.md",
    _too_fine,
)
