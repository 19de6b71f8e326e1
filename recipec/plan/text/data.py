"""The recipe's data: what it is, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator

from recipec.api import DataSamples, Unknown
from recipec.plan.model import Node, Plan
from recipec.plan.planning import Planning
from recipec.plan.text.page import Page
from recipec.plan.text.params import stated
from recipec.plan.text.style import symbol


def data(plan: Plan, planning: Planning, page: Page) -> Iterator[str]:
    """Write an entry for each name under `data:`."""
    if not plan.data:
        return
    yield ""
    yield page.heading("data")
    width = max(len(node.id) for node in plan.data) - len("data.")
    for node in plan.data:
        name, mark = node.id.removeprefix("data."), symbol(node.action)
        yield from page.flow(
            f"  {mark} {name:<{width}}  ",
            _pieces(node, planning),
            marks=((mark, "reference"), (name, "bold")),
        )


def _pieces(node: Node, planning: Planning) -> Iterator[str]:
    yield node.operator
    params = list(stated(planning.operator(node).with_, node.params))
    yield from (f"{param}," for param in params[:-1])
    yield from params[-1:]
    facts = node.outputs.get("samples")
    if not isinstance(facts, DataSamples):
        return
    count = "? samples" if isinstance(facts.count, Unknown) else f"{facts.count:,} samples"
    inputs = "" if isinstance(facts.inputs, Unknown) else f" of {', '.join(map(str, facts.inputs))}"
    classes = f", {facts.classes} classes" if isinstance(facts.classes, int) else ""
    yield f"{count}{inputs}{classes}"
    if digest := next(iter(node.digests.values()), ""):
        yield f"sha256:{digest[:12]}"
