"""measure: put a node into the plan for everything that `measure:` asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from recipec.api import Evaluator, Model
from recipec.diagnostics import Diagnostic, RecipeError, error
from recipec.plan.bind import make_node, validated
from recipec.plan.edges import Connector
from recipec.plan.model import Edge, Node, Plan
from recipec.plan.planning import Planning
from recipec.recipe import suggestion
from recipec.source import Path


def measure(plan: Plan, planning: Planning) -> Plan:
    """Add measurements: one for each model and evaluator; one for all models where that is joint.

    Raises RecipeError on an unknown metric, and on options nobody takes.
    """
    problems: list[Diagnostic] = []
    measurements = _measurements(plan, planning, problems)
    if problems:
        raise RecipeError(problems)
    return plan.with_nodes(plan.nodes + tuple(measurements))


def subjects(plan: Plan, planning: Planning) -> list[tuple[str, str]]:
    """Give the stages that make a model, with the output port; the source only as the baseline."""
    gates = (id for gate in planning.recipe.spec.gates for id in (gate.stage, gate.against))
    named = {plan.baseline, *gates}
    found = []
    for node in plan.stages:
        for port, output in planning.catalog.operator(node.operator).outputs.items():
            if issubclass(output.kind, Model) and (node.role == "stage" or node.id in named):
                found.append((node.id, port))
                break
    return found


def _measurements(plan: Plan, planning: Planning, problems: list[Diagnostic]) -> list[Node]:
    spec, catalog = planning.recipe.spec.measure, planning.catalog
    if spec is None:
        return []
    offers = catalog.evaluators()
    wanted: dict[type[Evaluator[Any]], dict[str, Any]] = {}
    places: dict[type[Evaluator[Any]], Path] = {}
    for index, asked in enumerate(spec.metrics):
        for family, options in asked.items() if isinstance(asked, dict) else [(asked, {})]:
            evaluator = offers.get(family)
            if evaluator is None:
                hint = suggestion(family, offers, "metrics")
                at = ("measure", "metrics", index)
                problems.append(
                    planning.recipe.error("unknown-metric", f"no metric {family!r}", at, hint)
                )
                continue
            if "metrics" in options:  # recipec's own to fill in, from the families that are named
                place = planning.recipe.place(("measure", "metrics", index, family, "metrics"))
                message = f"{family} has no 'metrics'"
                span = place.key or place.value
                problems.append(error("unknown-key", message, span, origin=place.origin))
                continue
            given = wanted.setdefault(evaluator, {"metrics": []})
            given["metrics"].append(family)
            given |= options
            if options or evaluator not in places:
                places[evaluator] = ("measure", "metrics", index, family)
    nodes: list[Node] = []
    for evaluator, given in wanted.items():
        fields = evaluator.params.model_fields
        if "data" in fields and spec.data is not None:
            given.setdefault("data", spec.data)
        if "baseline" in fields and plan.baseline is not None:
            given.setdefault("baseline", plan.baseline)
        nodes += _nodes(plan, planning, evaluator, given, places[evaluator], problems)
    # Joint measurements are timings: they come when nothing else will run any more.
    return sorted(nodes, key=lambda node: catalog.operator(node.operator).joint)  # type: ignore[attr-defined]


def _nodes(
    plan: Plan,
    planning: Planning,
    evaluator: type[Evaluator[Any]],
    given: Mapping[str, Any],
    at: Path,
    problems: list[Diagnostic],
) -> list[Node]:
    params = validated(planning, evaluator, given, at, str(at[-1]), problems)
    if params is None:
        return []
    connector = Connector(planning, {node.id: node for node in plan.nodes})
    data = dict(connector.references(params, evaluator.id, at))
    problems += connector.problems
    models = {
        id: Edge.model_construct(node=id, port=port)
        for id, port in subjects(plan, planning)
        if issubclass(
            planning.catalog.operator(plan.node(id).operator).outputs[port].kind, evaluator.subjects
        )
    }
    if evaluator.joint:
        groups = [(evaluator.id, {**models, **data})]
    else:
        groups = [(f"{id}.{evaluator.id}", {"subject": e, **data}) for id, e in models.items()]
    # They differ in what they measure alone, and share all else.
    first = make_node(planning, "", "measure", evaluator, at, params, tuple(given), {})
    return [first.model_copy(update={"id": id, "inputs": edges}) for id, edges in groups]


def measured_models(node: Node) -> Iterator[tuple[str, Edge]]:
    """Give the models that a measurement is of, by port.

    Of one that is about its `subject`, the others are models that it only compares with.
    """
    for port, edge in node.inputs.items():
        if not edge.is_data and ("subject" not in node.inputs or port == "subject"):
            yield port, edge


def measured_names(node: Node, planning: Planning) -> tuple[str, ...]:
    """Give the exact names of the metrics that a measurement yields."""
    evaluator = planning.operator(node)
    return evaluator.metric_names(evaluator.with_) if isinstance(evaluator, Evaluator) else ()
