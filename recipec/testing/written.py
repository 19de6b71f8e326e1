"""What operators plan and make, as JSON."""

from __future__ import annotations

from typing import Any

from recipec.api import StagePlan, StageResult


def plan_as_json(plan: StagePlan) -> dict[str, Any]:
    """Write down everything a stage plan says."""
    return {
        "outputs": {port: facts.to_json() for port, facts in plan.outputs.items()},
        "effects": list(plan.effects),
        "changed": {
            what: count if isinstance(count, int) else "unknown"
            for what, count in plan.changed.items()
        },
        "matched": {name: list(layers) for name, layers in plan.matched.items()},
        "learns_from": {
            port: learning.model_dump(mode="json") for port, learning in plan.learns_from.items()
        },
        "work": plan.work,
        "warnings": list(plan.warnings),
        "requires": [[r.spec, r.install] for r in plan.requires],
        "unmeasured": dict(plan.unmeasured),
    }


def result_as_json(result: StageResult) -> dict[str, Any]:
    """Write down everything a stage's result says."""
    return {
        "outputs": {port: facts.to_json() for port, facts in result.outputs.items()},
        "metrics": [metric.model_dump(mode="json") for metric in result.metrics],
        "notes": list(result.notes),
        "changed": dict(result.changed),
    }
