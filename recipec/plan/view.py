"""A plan as hooks and lints see it: read-only, and apart from what this version keeps in a node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal

from recipec.api import (
    Evaluator,
    GateView,
    InputView,
    Measured,
    MetricFamily,
    PlanView,
    RecipePath,
    StageView,
    Unknown,
)
from recipec.plan.machine import cores
from recipec.plan.measure import measured_models
from recipec.plan.model import Node, Plan
from recipec.plan.planning import Planning


def plan_view(plan: Plan, planning: Planning) -> PlanView:
    """Give the view of a finished plan."""
    return PlanView(
        name=plan.name,
        seed=plan.seed,
        threads=plan.threads,
        stages=tuple(map(stage_view, plan.stages)),
        data=tuple(map(stage_view, plan.data)),
        measured=_measured(plan, planning),
        gates=tuple(_gates(plan)),
        outputs=plan.outputs,
        baseline=plan.baseline,
        until=planning.until,
        cores=cores(),
        version_of=planning.machine.version,
    )


def stage_view(node: Node) -> StageView:
    """Give the view of a node."""
    return StageView(
        id=node.id,
        role=node.role,
        operator=node.operator,
        version=node.version,
        plugin=node.plugin,
        at=node.at,
        params=_read_only(node.params),
        given=node.given,
        inputs={port: InputView(edge.node, edge.port) for port, edge in node.inputs.items()},
        outputs=MappingProxyType(node.outputs),
        digests=MappingProxyType(node.digests),
        traits=frozenset(node.traits),
        matched=MappingProxyType(node.matched),
        learns_from=MappingProxyType(node.learns_from),
        requires=node.requires,
        blocked=node.blocked,
        action="unknown" if isinstance(node.action, Unknown) else node.action,
        reason=node.reason,
    )


def _read_only(value: Any) -> Any:
    """Give plain data that can't be changed: plugins get the plan that will run."""
    if isinstance(value, dict):
        return MappingProxyType({name: _read_only(inner) for name, inner in value.items()})
    if isinstance(value, list):
        return tuple(map(_read_only, value))
    return value


def _measured(plan: Plan, planning: Planning) -> Mapping[str, tuple[Measured, ...]]:
    """Say by stage what is measured on it, and why where it can't be.

    Measurements of one evaluator differ in their stages alone, and share all else.
    """
    found: dict[str, tuple[Measured, ...]] = {}
    shared: dict[tuple[int, str | None], Measured] = {}
    for node in plan.measurements:
        operator = planning.operator(node)
        data = _judged_on(node)
        one = shared.get((id(operator), data))
        if one is None and isinstance(operator, Evaluator):
            one = shared[id(operator), data] = Measured(
                evaluator=node.operator,
                at=node.at,
                metrics=MappingProxyType(
                    {
                        name: _about(name, operator.families)
                        for name in operator.metric_names(operator.with_)
                    }
                ),
                data=data,
                data_at=_data_at(node, planning),
            )
        for port, edge in measured_models(node):
            if one is None:
                continue
            reason = node.unmeasured.get(port)
            if reason is None and node.action == "blocked":
                reason = f"blocked: {node.reason}"
            known = one if reason is None else one._replace(unmeasured=reason)
            found[edge.node] = (*found.get(edge.node, ()), known)
    return found


def _judged_on(node: Node) -> str | None:
    """Give the data that a measurement is made on; a probe also has some that it learns from."""
    return next(
        (
            edge.node
            for port, edge in node.inputs.items()
            if edge.is_data and port not in node.learns_from
        ),
        None,
    )


def _data_at(node: Node, planning: Planning) -> RecipePath:
    """Give the place where a measurement's data is named: its own option, else for all of them."""
    spec, (*_, index, family) = planning.recipe.spec.measure, node.at
    asked = spec.metrics[index] if spec is not None and isinstance(index, int) else None
    own = isinstance(asked, dict) and "data" in asked.get(str(family), {})
    return (*node.at, "data") if own else ("measure", "data")


def _about(name: str, families: tuple[MetricFamily, ...]) -> Literal["quality", "cost"] | None:
    """Say what an exact metric name is about."""
    return next((family.about for family in families if family.covers(name)), None)


def _gates(plan: Plan) -> Iterator[GateView]:
    for gate in plan.gates:
        yield GateView(
            at=gate.at,
            stage=gate.stage,
            metric=gate.metric,
            unit=gate.unit,
            condition=gate.condition,
            wanted=gate.wanted,
            bound=gate.bound,
            relative=gate.relative,
            against=gate.against,
        )
