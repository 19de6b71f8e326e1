"""What is measured, on which stages, and what can't be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from recipec.api import Unknown
from recipec.plan.costs.totals import total
from recipec.plan.measure import measured_models, measured_names
from recipec.plan.model import Action, Node, Plan
from recipec.plan.planning import Planning
from recipec.plan.text.cost import cost
from recipec.plan.text.page import Page
from recipec.plan.text.stage import row
from recipec.plan.text.style import symbol


class _Kind(NamedTuple):
    """What measurements that are written together have in common."""

    action: Action | Unknown
    names: tuple[str, ...]
    why: str


def measurements(plan: Plan, planning: Planning, page: Page) -> Iterator[str]:
    """Write measurements of the same metrics together, with the stages they are of."""
    if not plan.measurements:
        return
    yield ""
    yield page.heading("measurements")
    stages: dict[_Kind, list[str]] = {}
    nodes: dict[_Kind, dict[str, Node]] = {}
    for node in plan.measurements:
        for kind, of in _subjects(node, measured_names(node, planning)):
            stages.setdefault(kind, []).append(of)
            nodes.setdefault(kind, {})[node.id] = node
    for kind, named in stages.items():
        yield from _group(kind, named, list(nodes[kind].values()), page)


def _subjects(node: Node, names: tuple[str, ...]) -> Iterator[tuple[_Kind, str]]:
    for port, edge in measured_models(node):
        if port in node.unmeasured or node.action == "blocked":
            yield _Kind("blocked", names, node.unmeasured.get(port, node.reason)), edge.node
        else:
            # A key that isn't known yet waits for what runs before; that stage says why.
            decided = node.action == "run" and not isinstance(node.key, Unknown)
            yield _Kind(node.action, names, node.reason if decided else ""), edge.node


def _group(kind: _Kind, of: Sequence[str], nodes: Sequence[Node], page: Page) -> Iterator[str]:
    mark = symbol(kind.action)
    style = kind.action if isinstance(kind.action, str) else "bold"
    yield from page.flow(f"  {mark} ", kind.names, marks=((mark, style),), hang=4, gap=", ")
    yield from row(page, "on", of, gap=", ")
    yield from row(page, "why", [kind.why] if kind.why else [])
    if kind.action == "run":
        yield from row(page, "takes", cost(total(nodes).estimate))
