"""gates: read every gate by the unit of the metric that it judges."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple, cast

from pydantic_core import PydanticCustomError

from recipec.api import Evaluator, MetricFamily
from recipec.api.metrics import MetricUnit
from recipec.api.notation import shown
from recipec.api.units import (
    parse_bytes,
    parse_count,
    parse_drop,
    parse_duration,
    parse_rate,
    parse_ratio,
    parse_share,
)
from recipec.diagnostics import Diagnostic, RecipeError
from recipec.plan.model import Node, Plan
from recipec.plan.planned_gates import Condition, PlannedGate
from recipec.plan.planning import Planning
from recipec.recipe import Gate, suggestion
from recipec.recipe.gate import COMPARING
from recipec.source import Path


class _Kind(NamedTuple):
    """What a metric's unit is called, how a bound of it is read, and an example."""

    called: str
    read: Callable[[object], float]
    example: str


_KINDS: Final[Mapping[MetricUnit, _Kind]] = {
    "s": _Kind("a time", parse_duration, "5ms"),
    "bytes": _Kind("a size in bytes", parse_bytes, "64MiB"),
    "share": _Kind("a share", parse_share, "97%"),
    "1": _Kind("a count", parse_count, "25.6M"),
    "1/s": _Kind("a rate", parse_rate, "1000/s"),
}


class Problem(Exception):
    """A gate that can't be judged. `key` is the key of it that is wrong, None for all of it."""

    def __init__(
        self, message: str, hint: str | None, key: str | None, code: str = "invalid-value"
    ) -> None:
        super().__init__(message)
        self.message, self.hint, self.key, self.code = message, hint, key, code


def gates(plan: Plan, planning: Planning) -> Plan:
    """Put the recipe's gates into the plan.

    Raises RecipeError on a metric that isn't measured, on a bound in another unit than the
    metric's, and on a condition that makes no sense for it.
    """
    stated = planning.recipe.spec.gates
    if not stated:
        return plan
    measured = measured_metrics(plan.measurements, planning)
    planned: list[PlannedGate] = []
    problems: list[Diagnostic] = []
    for index, gate in enumerate(stated):
        at: Path = ("gates", index)
        try:
            planned.append(_planned(gate, at, plan.baseline, measured.get(gate.stage, {})))
        except Problem as found:
            place = at if found.key is None else (*at, found.key)
            problems.append(planning.recipe.error(found.code, found.message, place, found.hint))
    if problems:
        raise RecipeError(problems)
    return plan.model_copy(update={"gates": tuple(planned)})


def measured_metrics(
    measurements: Iterable[Node], planning: Planning
) -> Mapping[str, Mapping[str, MetricFamily]]:
    """Give what will be measured by stage and exact name, each with its family."""
    found: dict[str, dict[str, MetricFamily]] = {}
    known: dict[int, dict[str, MetricFamily]] = {}  # most measurements share their evaluator
    for node in measurements:
        evaluator = planning.operator(node)
        assert isinstance(evaluator, Evaluator)  # the measure pass makes no other measurements
        families = known.get(id(evaluator))
        if families is None:
            families = known[id(evaluator)] = {
                name: family
                for name in evaluator.metric_names(evaluator.with_)
                for family in evaluator.families
                if family.covers(name)
            }
        for edge in node.inputs.values():
            if not edge.is_data:
                found.setdefault(edge.node, {}).update(families)
    return found


def _planned(
    gate: Gate, at: Path, baseline: str | None, measured: Mapping[str, MetricFamily]
) -> PlannedGate:
    """Read one gate. Raises Problem."""
    family = measured.get(gate.metric)
    if family is None:
        raise _not_measured(gate, measured)
    condition, value = gate.condition
    against = (gate.against or baseline) if condition in COMPARING else None
    if condition in COMPARING:
        _check_comparison(gate, condition, against, family)
    bound, relative = _read(gate, condition, value, family)
    return PlannedGate(
        at=at,
        stage=gate.stage,
        metric=gate.metric,
        unit=family.unit,
        better=family.better,
        condition=cast(Condition, condition),
        wanted=value.strip() if isinstance(value, str) else shown(value),
        bound=bound,
        relative=relative,
        against=against,
    )


def _not_measured(gate: Gate, measured: Mapping[str, MetricFamily]) -> Problem:
    message = f"{gate.metric!r} is not measured on {gate.stage!r}"
    beginnings = (f"{gate.metric}.", f"{gate.metric}@")
    if not measured:
        hint: str | None = "nothing is measured there; see `measure:`"
    elif parts := sorted(name for name in measured if name.startswith(beginnings)):
        message = f"{gate.metric!r} could be {' or '.join(map(repr, parts))}"
        hint = f"write the exact name, for example {parts[0]}"
    else:
        hint = suggestion(gate.metric, measured, "measured there")
    return Problem(message, hint, "metric", "unknown-metric")


def _check_comparison(
    gate: Gate, condition: str, against: str | None, family: MetricFamily
) -> None:
    if against is None:
        raise Problem(
            "this gate compares, and neither `against` nor `baseline` says with what",
            "add `against: STAGE`",
            None,
            "missing-key",
        )
    if against == gate.stage:
        raise Problem(
            f"this gate compares {gate.stage!r} with itself",
            "name another stage under `against`",
            "stage" if gate.against is None else "against",
        )
    example = _KINDS[family.unit].example
    if family.better == "neither":
        raise Problem(
            f"{gate.metric} is neither better when it is higher nor when it is lower: "
            f"{condition} says nothing of it",
            f"write what it must be, for example min: {example}",
            condition,
        )
    if condition == "max_drop" and family.better == "lower":
        raise Problem(
            f"{gate.metric} is better when it is lower: a drop of it is no loss",
            f"write max: {example} for the most that it may be, or min_ratio: 1x for no worse than "
            f"{against}",
            condition,
        )


def _read(gate: Gate, condition: str, value: object, family: MetricFamily) -> tuple[float, bool]:
    """Read a bound in the metric's unit, and whether it is relative. Raises Problem."""
    kind = _KINDS[family.unit]
    if condition == "min_ratio":
        return parse_ratio(value), False
    if condition == "max_drop":
        fall = parse_drop(value)
        if not fall.relative and family.unit != "share":
            raise Problem(
                f"{gate.metric} is {kind.called}, and percentage points are of shares",
                f"write max_drop: {fall.amount * 100:g}% for a fall relative to the other stage's",
                condition,
            )
        return fall
    try:
        return kind.read(value), False
    except PydanticCustomError as problem:
        hint = (problem.context or {}).get("hint")
        raise Problem(
            f"{gate.metric} is {kind.called}: {problem.message()}", hint, condition
        ) from problem
