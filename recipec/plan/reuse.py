"""reuse: which nodes are in the store already, and why the others run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recipec.api import Artifact, Facts, Unknown
from recipec.plan.changes import differences
from recipec.plan.key import complete_key, input_digests
from recipec.plan.model import Node, Plan
from recipec.plan.planning import Planning


def reuse(plan: Plan, planning: Planning) -> Plan:
    """Decide run or reuse for every node that isn't blocked, and complete the keys.

    Behind a stage that runs, keys aren't known yet: inputs enter them by content. So if that stage
    makes the same bytes as before, the executor will still find the next one in the store.
    """
    digests: dict[str, Mapping[str, str]] = {}
    nodes = []
    for node in plan.nodes:
        decided = node if node.action == "blocked" else _decide(node, planning, digests)
        digests[node.id] = decided.digests
        nodes.append(decided)
    return plan.with_nodes(tuple(nodes))


def _decide(node: Node, planning: Planning, digests: Mapping[str, Mapping[str, str]]) -> Node:
    if isinstance(node.ingredients, Unknown):
        raise TypeError(f"the key pass has not seen {node.id}")
    inputs = input_digests(node, digests)
    if inputs is None:
        waiting = [e.node for e in node.inputs.values() if e.port not in digests.get(e.node, {})]
        forced = node.id in planning.force
        reason = "forced" if forced else f"{waiting[0]} runs first"
        return node.model_copy(update={"action": "run", "reason": reason})
    complete = complete_key(node.ingredients, inputs)
    if node.role == "data" and not planning.identified(node):
        reason = "what it reads isn't stated: the samples tell when they are read"
        return node.model_copy(update={"action": "reference", "key": complete, "reason": reason})
    if node.role == "data":
        return node.model_copy(
            update={
                "action": "reference",
                "key": complete,
                "digests": dict.fromkeys(node.outputs, complete),
            }
        )
    new = {"key": complete, "action": "run", "reason": "forced"}
    if node.id not in planning.force:
        stored = planning.memory.outputs(complete, planning.catalog)
        wrong = _contradiction(node, stored) if stored is not None else None
        if wrong is not None:
            new["reason"] = f"its stored result contradicts the plan: {wrong}"
        elif stored is not None:
            new |= {"action": "reuse", "reason": "made before with the same inputs"}
            new["digests"] = {port: artifact.digest for port, artifact in stored.items()}  # type: ignore[assignment]
        else:
            new["reason"] = _why(node, {**node.ingredients, "inputs": inputs}, planning)
    return node.model_copy(update=new)


def _contradiction(node: Node, stored: Mapping[str, Artifact[Facts]]) -> str | None:
    """Say where a stored result isn't what is planned now (of an older version of a plugin)."""
    for port, planned in node.outputs.items():
        if port not in stored:
            return f"it has no {port!r}"
        for wrong in planned.contradictions(stored[port].facts):
            return wrong
    return None


def _why(node: Node, now: Mapping[str, object], planning: Planning) -> str:
    before = planning.memory.last_ingredients(planning.recipe.title, node.id)
    if before is None:
        return "not made before"
    changed = differences(by_source(before, node), by_source(now, node))
    if not changed:
        return "its stored result is gone"
    shown = ", ".join(changed[:3]) + (f" and {len(changed) - 3} more" if len(changed) > 3 else "")
    return f"changed: {shown}"


def by_source(ingredients: Mapping[str, Any], node: Node) -> dict[str, Any]:
    """Name inputs after what they come from, which the recipe's author knows; ports they don't."""
    inputs = ingredients.get("inputs", {})
    named = {
        node.inputs[port].node if port in node.inputs else f"input {port}": digest
        for port, digest in inputs.items()
    }
    return {**ingredients, "inputs": named}
