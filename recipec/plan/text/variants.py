"""The variants of a recipe side by side: what they share, and a line for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from recipec.api import Expected, Unknown
from recipec.plan.costs.totals import total
from recipec.plan.model import Node, Plan
from recipec.plan.shared import SharedWork
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


class VariantsText:
    """Collects a line for each variant, and what all of them share."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.work = SharedWork()
        self._rows: list[tuple[str, ...]] = []

    def add(self, label: str, plan: Plan) -> None:
        """Take a variant's finished plan into account; the plan itself isn't kept."""
        self.work.add(plan)
        self._rows.append(_row(label, plan))

    def text(self, page: Page) -> str:
        """Write a header and a table."""
        return "\n".join([*self._header(page), "", *self._table(page), ""])

    def _header(self, page: Page) -> Iterator[str]:
        work = self.work
        head = f"{count(len(self._rows))} variants of {self.name}"
        distinct = f"{count(work.count())} of them distinct: {count(work.count('run'))} run, "
        distinct += f"{count(work.count('reuse'))} reuse"
        if blocked := work.count("blocked"):
            distinct += f", {count(blocked)} blocked"
        pieces = [f"{count(work.stages)} stages", distinct]
        yield from page.flow(f"{head}: ", pieces, marks=((head, "bold"),), hang=2, gap=", ")
        whole = total(work.nodes)
        if isinstance(seconds := whole.estimate.seconds, Expected):
            said = ranged(seconds, duration, stands=seconds.basis)
            pieces = [said if seconds.basis == "exact" else f"about {said}"]
            if whole.without_seconds:
                pieces.append(f"not known for {count(len(whole.without_seconds))} nodes")
            yield from page.flow("  time    ", pieces, marks=(("time", "dim"),), gap=", ")

    def _table(self, page: Page) -> Iterator[str]:
        rows = [tuple(map(page.clean, row)) for row in self._rows]
        kept = [i for i, cells in enumerate(zip(*rows, strict=True)) if any(cells)]
        widths = [max(map(len, cells)) for cells in zip(_TITLES, *rows, strict=True)]
        for number, row in enumerate((_TITLES, *rows)):
            line = "  ".join(f"{row[i]:{'>' if i else '<'}{widths[i]}}" for i in kept).rstrip()
            yield page.heading(line) if number == 0 else line


def _count(nodes: Iterable[Node], action: str) -> int:
    return sum(node.action == action for node in nodes)


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
