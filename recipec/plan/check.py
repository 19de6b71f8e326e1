"""check: what can't run here is blocked, and plugins have their say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recipec.diagnostics import Diagnostic, RecipeError, Severity
from recipec.plan.model import Node, Plan
from recipec.plan.planning import Planning

if TYPE_CHECKING:
    from recipec.api import Finding


def check(plan: Plan, planning: Planning) -> Plan:
    """Mark blocked nodes and those behind them; ask `recipec_check_plan`.

    Raises RecipeError when a plugin finds an error.
    """
    blocked: dict[str, Node] = {}
    nodes = []
    for node in plan.nodes:
        if node.role == "measure":
            node = _without_blocked(node, blocked)
        reason = node.blocked or _inherited(node, blocked)
        if reason:
            node = node.model_copy(update={"action": "blocked", "reason": reason})
            blocked[node.id] = node
        nodes.append(node)
    plan = plan.with_nodes(tuple(nodes))
    said: list[Diagnostic] = []
    for answer in planning.catalog.ask("recipec_check_plan", plan=plan):
        said += [_diagnostic(finding, plan, planning) for finding in answer.items]
        if answer.failure:
            said.append(Diagnostic(Severity.WARNING, "plugin-check", answer.failure))
    if errors := [d for d in said if d.severity is Severity.ERROR]:
        raise RecipeError(errors)
    return plan.saying(*said)


def _without_blocked(node: Node, blocked: dict[str, Node]) -> Node:
    """Take blocked models out of a measurement: the others can still be measured."""
    reasons = {
        port: f"blocked: {blocked[edge.node].reason}"
        for port, edge in node.inputs.items()
        if edge.node in blocked
    }
    return node.model_copy(update={"unmeasured": {**node.unmeasured, **reasons}})


def _inherited(node: Node, blocked: dict[str, Node]) -> str | None:
    if node.role == "measure":
        models = [port for port, edge in node.inputs.items() if not edge.node.startswith("data.")]
        reasons = [node.unmeasured[port] for port in models if port in node.unmeasured]
        return reasons[0] if reasons and len(reasons) == len(models) else None
    behind = [edge.node for edge in node.inputs.values() if edge.node in blocked]
    return f"needs {behind[0]}, which is blocked" if behind else None


def _diagnostic(finding: Finding, plan: Plan, planning: Planning) -> Diagnostic:
    at = () if finding.stage is None else plan.node(finding.stage).at
    severity = Severity.ERROR if finding.severity == "error" else Severity.WARNING
    span = planning.recipe.place(at).value
    return Diagnostic(severity, "plugin-check", finding.message, span, finding.hint)
