"""The variants of a recipe side by side: what they share, and a line for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from recipec.api import Expected, Unknown
from recipec.plan.costs.totals import total
from recipec.plan.model import Node, Plan
from recipec.plan.shared import distinct_nodes
from recipec.plan.text.cost import ranged
from recipec.plan.text.numbers import count, duration
from recipec.plan.text.page import Page

_TITLES: Final = (
    "variant",
    "run",
    "reuse",
    "blocked",
    "parameters",
    "multiply-adds",
    "bytes",
    "time",
)


def variants_text(name: str, plans: Sequence[tuple[str, Plan]], page: Page) -> str:
    """Write the plans of variants, each with its label, as a header and a table."""
    header = _header(name, [plan for _, plan in plans], page)
    return "\n".join([*header, "", *_table(plans, page), ""])


def _header(name: str, plans: Sequence[Plan], page: Page) -> Iterator[str]:
    nodes = distinct_nodes(plans)
    stages = [node for node in nodes if node.role in ("model", "stage")]
    told = sum(len(plan.stages) for plan in plans)
    head = f"{count(len(plans))} variants of {name}"
    pieces = [
        f"{count(told)} stages",
        f"{count(len(stages))} of them distinct: {count(_count(stages, 'run'))} run, "
        f"{count(_count(stages, 'reuse'))} reuse"
        + (f", {count(blocked)} blocked" if (blocked := _count(stages, "blocked")) else ""),
    ]
    yield from page.flow(f"{head}: ", pieces, marks=((head, "bold"),), hang=2, gap=", ")
    whole = total(nodes)
    if isinstance(seconds := whole.estimate.seconds, Expected):
        said = ranged(seconds, duration, stands=seconds.basis)
        pieces = [said if seconds.basis == "exact" else f"about {said}"]
        if whole.without_seconds:
            pieces.append(f"not known of {count(len(whole.without_seconds))} nodes")
        yield from page.flow("  time    ", pieces, marks=(("time", "dim"),), gap=", ")


def _count(nodes: Sequence[Node], action: str) -> int:
    return sum(node.action == action for node in nodes)


def _table(plans: Sequence[tuple[str, Plan]], page: Page) -> Iterator[str]:
    rows = [tuple(map(page.clean, _row(label, plan))) for label, plan in plans]
    kept = [i for i, cells in enumerate(zip(*rows, strict=True)) if any(cells)]
    widths = [max(map(len, cells)) for cells in zip(_TITLES, *rows, strict=True)]
    for number, row in enumerate((_TITLES, *rows)):
        line = "  ".join(f"{row[i]:{'>' if i else '<'}{widths[i]}}" for i in kept).rstrip()
        yield page.heading(line) if number == 0 else line


def _row(label: str, plan: Plan) -> tuple[str, ...]:
    made = [model.layers for id in plan.outputs if (model := plan.node(id).model)]
    known = [layers for layers in made if not isinstance(layers, Unknown)]
    figures = ("", "", "")
    if known:  # of the last one promised: the first is often what it is compared with
        figures = (count(known[-1].parameters), count(known[-1].macs), count(known[-1].bytes))
    expected = total(plan.nodes).estimate.seconds
    time = duration(expected.likely) if isinstance(expected, Expected) else ""
    blocked = _count(plan.stages, "blocked")
    return (
        label,
        count(_count(plan.stages, "run")),
        count(_count(plan.stages, "reuse")),
        count(blocked) if blocked else "",
        *figures,
        time,
    )
