"""What the recipe promises: gates, and outputs."""

from __future__ import annotations

from collections.abc import Iterator

from recipec.plan.model import Plan
from recipec.plan.text.page import Page
from recipec.plan.text.style import symbol


def gates(plan: Plan, page: Page) -> Iterator[str]:
    """Write the conditions that the result must meet."""
    if not plan.gates:
        return
    yield ""
    yield page.heading("gates")
    for gate in plan.gates:
        name, wanted = gate.condition, gate.wanted
        against = gate.against
        other = f" against {against}" if name in ("max_drop", "min_ratio") else ""
        yield from page.flow("  ", [f"{gate.stage}: {gate.metric} {name} {wanted}{other}"], hang=6)


def outputs(plan: Plan, page: Page) -> Iterator[str]:
    """Write the artifacts that the recipe promises."""
    yield ""
    yield page.heading("outputs")
    for id in plan.outputs:
        node = plan.by_id[id]
        mark, action = symbol(node.action), node.action
        pieces = [", ".join(facts.kind for facts in node.outputs.values())]
        if action == "blocked":
            pieces.append(f"blocked: {node.reason}")
        style = action if isinstance(action, str) else "bold"
        marks = ((mark, style), (id, "bold"))
        yield from page.flow(f"  {mark} {id}  ", pieces, marks=marks, hang=6)
