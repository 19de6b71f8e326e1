"""check: what can't run here is blocked, and so is what needs it."""

from __future__ import annotations

from recipec.plan.model import Node, Plan
from recipec.plan.planning import Planning


def check(plan: Plan, planning: Planning) -> Plan:
    """Mark blocked nodes and those behind them; take blocked models out of measurements."""
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
    return plan.with_nodes(tuple(nodes))


def _without_blocked(node: Node, blocked: dict[str, Node]) -> Node:
    """Take blocked models out of a measurement: the others can still be measured."""
    reasons = {
        port: f"blocked: {blocked[edge.node].reason}"
        for port, edge in node.inputs.items()
        if edge.node in blocked and not edge.is_data
    }
    if not reasons:
        return node
    return node.model_copy(update={"unmeasured": {**node.unmeasured, **reasons}})


def _inherited(node: Node, blocked: dict[str, Node]) -> str | None:
    behind = [edge for edge in node.inputs.values() if edge.node in blocked]
    if node.role == "measure":
        models = [port for port, edge in node.inputs.items() if not edge.is_data]
        reasons = [node.unmeasured[port] for port in models if port in node.unmeasured]
        if reasons and len(reasons) == len(models):
            return reasons[0]
        behind = [edge for edge in behind if edge.is_data]
    return f"needs {behind[0].node}, which is blocked" if behind else None
