"""What `recipec diff` compares: a recipe's plan, a written plan or a past run, in one form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol

from recipec.plan.saved.written import Ingredients, WrittenNode, WrittenPlan

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class GateLike(Protocol):
    """A planned gate, or a judged one."""

    @property
    def stage(self) -> str: ...
    @property
    def metric(self) -> str: ...
    @property
    def required(self) -> str: ...
    @property
    def against(self) -> str | None: ...


class NodeSnapshot(NamedTuple):
    """Data or a stage.

    `content` are digests of what parameters name, `digest` is that of data, `planned` and `made`
    are facts by port, `metrics` the numbers by their exact name, as JSON.
    """

    operator: str
    version: int | None
    params: Mapping[str, Any]
    inputs: Mapping[str, str] = _NOTHING
    content: Mapping[str, str] = _NOTHING
    digest: str | None = None
    planned: Mapping[str, Mapping[str, Any]] = _NOTHING
    made: Mapping[str, Mapping[str, Any]] = _NOTHING
    metrics: Mapping[str, Mapping[str, Any]] = _NOTHING


class Measuring(NamedTuple):
    """What one evaluator measures: its version, its parameters, and on which stages."""

    version: int
    params: Mapping[str, Any]
    on: frozenset[str]


class Snapshot(NamedTuple):
    """One side of a comparison. `name` is what the command line calls it.

    `versions` are those that are known: of recipec, plugins, packages, the machine. `verdicts` are
    those of the gates, by the gate in words.
    """

    kind: Literal["recipe", "plan", "run"]
    name: str
    recipe: Mapping[str, Any]
    data: Mapping[str, NodeSnapshot]
    stages: Mapping[str, NodeSnapshot]
    measurements: Mapping[str, Measuring]
    outputs: tuple[str, ...]
    gates: tuple[str, ...]
    versions: Mapping[str, Any]
    verdicts: Mapping[str, str] = _NOTHING


def snapshot(
    plan: WrittenPlan, kind: Literal["recipe", "plan"], name: str, versions: Mapping[str, Any]
) -> Snapshot:
    """Take a snapshot of a plan; `versions` are those that the plan itself doesn't tell."""
    packages: dict[str, Any] = {}
    for node in plan.nodes:
        if isinstance(node.ingredients, Ingredients):
            packages |= node.ingredients.packages
    return Snapshot(
        kind=kind,
        name=name,
        recipe={n: getattr(plan, n) for n in ("name", "seed", "threads", "baseline")},
        data={n.id.removeprefix("data."): _node(n) for n in plan.nodes if n.role == "data"},
        stages={n.id: _node(n) for n in plan.nodes if n.role in ("model", "stage")},
        measurements=measurings(
            (n.operator, n.version, n.params, [edge.node for edge in n.inputs.values()])
            for n in plan.nodes
            if n.role == "measure"
        ),
        outputs=plan.outputs,
        gates=tuple(gate_line(gate, plan.baseline) for gate in plan.gates),
        versions={**packages, **versions},
    )


def _node(node: WrittenNode) -> NodeSnapshot:
    return NodeSnapshot(
        operator=node.operator,
        version=node.version,
        params=node.params,
        inputs={port: edge.node for port, edge in node.inputs.items()},
        content=node.content,
        digest=node.digests.get("samples") if node.role == "data" else None,
        planned=node.outputs,
    )


def measurings(
    found: Iterable[tuple[str, int, Mapping[str, Any], Iterable[str]]],
) -> dict[str, Measuring]:
    """Gather measurements (operator, version, parameters, inputs) by their evaluator."""
    gathered: dict[str, Measuring] = {}
    for operator, version, params, inputs in found:
        on = frozenset(node for node in inputs if not node.startswith("data."))
        before = gathered.get(operator)
        gathered[operator] = Measuring(version, params, on | before.on if before else on)
    return gathered


def gate_line(gate: GateLike, baseline: str | None) -> str:
    """Write a gate in one line: `small: accuracy drop ≤ 1pp against big`.

    The baseline isn't named: that is one line of the recipe, and no part of each gate.
    """
    other = f" against {gate.against}" if gate.against not in (None, baseline) else ""
    return f"{gate.stage}: {gate.metric} {gate.required}{other}"
