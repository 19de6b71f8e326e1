"""More threads than processors."""

from __future__ import annotations

from collections.abc import Iterator

from recipec.api import Finding, Lint, PlanView


def _check(plan: PlanView) -> Iterator[Finding]:
    if plan.threads > plan.cores:
        cores = "1 processor" if plan.cores == 1 else f"{plan.cores} processors"
        yield Finding(
            f"{plan.threads} threads on {cores}: they take turns, and every timing gets worse",
            hint=f"write threads: {plan.cores}",
            at=("threads",),
        )


LINT = Lint(
    "more-threads-than-cores",
    "the recipe asks for more threads than there are processors",
    "recipec:explanations/more-threads-than-cores.md",
    _check,
    machine_bound=True,
)
