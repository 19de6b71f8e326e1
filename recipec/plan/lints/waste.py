"""Work that nobody needs."""

from __future__ import annotations

from collections.abc import Iterator

from recipec.api import Finding, Lint, PlanView, StageView


def _twice(plan: PlanView) -> Iterator[Finding]:
    alike: dict[tuple[object, ...], list[StageView]] = {}
    for stage in plan.stages:
        inputs = tuple(sorted(stage.inputs.items()))
        alike.setdefault((stage.operator, inputs), []).append(stage)
    for stages in alike.values():
        first: dict[str, str] = {}
        for stage in stages if len(stages) > 1 else ():
            other = first.setdefault(repr(stage.params), stage.id)
            if other != stage.id:
                yield Finding(
                    f"{stage.id!r} is {other!r} over again: the same operator, parameters and "
                    "inputs",
                    stage=stage.id,
                    hint=f"change what it needs or its parameters, or use {other!r} instead",
                )


def _unused(plan: PlanView) -> Iterator[Finding]:
    used = {source.node for stage in plan.stages for source in stage.inputs.values()}
    used |= {*plan.outputs, *plan.measured, plan.baseline or ""}
    for gate in plan.gates:
        used |= {gate.stage, gate.against or ""}
    for stage in plan.stages:
        if stage.id not in used and stage.role == "stage" and stage.model is not None:
            yield Finding(
                f"nothing uses what {stage.id!r} makes: it isn't promised, measured, or needed",
                stage=stage.id,
                hint=f"add {stage.id!r} to `outputs`, or leave it out",
            )


TWICE = Lint(
    "duplicate-stage",
    "two stages do the same to the same input",
    "recipec:explanations/duplicate-stage.md",
    _twice,
)
UNUSED = Lint(
    "unused-result",
    "nothing uses what a stage makes",
    "recipec:explanations/unused-result.md",
    _unused,
    whole_plan=True,
)
