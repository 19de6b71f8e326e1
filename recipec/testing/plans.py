"""Plans to try lints on, without a recipe."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from recipec.api import DataSamples, Facts, PlanView, StageView


def stage(id: str, operator: str, **others: Any) -> StageView:
    """Make a stage for a plan; `others` are fields of `StageView`."""
    defaults: dict[str, Any] = {
        "id": id,
        "role": "data" if id.startswith("data.") else "stage",
        "operator": operator,
        "version": 1,
        "plugin": operator.partition(".")[0],
        "at": ("stages", id),
        "params": {},
    }
    return StageView(**{**defaults, **others})


def plan_of_stages(*stages: StageView, data: Iterable[StageView] = (), **others: Any) -> PlanView:
    """Make a plan; `others` are fields of `PlanView`."""
    defaults: dict[str, Any] = {"name": "plan", "seed": 0, "threads": 1}
    return PlanView(**{**defaults, **others}, stages=stages, data=tuple(data))


def samples(name: str, operator: str = "some.data", **facts: Any) -> StageView:
    """Make an entry of `data:`."""
    made: Facts = DataSamples(**facts)
    return stage(f"data.{name}", operator, at=("data", name), outputs={"samples": made})
