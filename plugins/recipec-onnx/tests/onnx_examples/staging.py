"""Plan and run a stage, and hold what was made to what was planned."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from recipec.api import Artifact, Operator, StagePlan, StageResult
from recipec.testing import AlonePlanContext, AloneRunContext


class Staged(NamedTuple):
    """One stage: its plan, its result, and the file that it made."""

    plan: StagePlan
    result: StageResult
    path: Path


def stage(
    operator: type[Operator[Any]], folder: Path, inputs: Mapping[str, Artifact[Any]], **params: Any
) -> Staged:
    """Plan and run an operator on artifacts; what is made must be what was planned."""
    made = operator(operator.params.model_validate(params))
    planned = made.plan({n: a.facts for n, a in inputs.items()}, AlonePlanContext(folder))
    context = AloneRunContext(folder, made)
    result = made.run(inputs, context)
    found = list(planned.outputs["model"].contradictions(result.outputs["model"]))
    assert found == [], found
    return Staged(planned, result, context.path_for("model"))
