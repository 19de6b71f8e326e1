"""What comes first: how much there is to run, and what it is expected to take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from recipec.api import Expected, Unknown
from recipec.plan.costs.totals import total
from recipec.plan.model import Node, Plan
from recipec.plan.text.cost import ranged
from recipec.plan.text.numbers import duration, size
from recipec.plan.text.page import Page

_NAMED = 3
"""Stages that are named where something isn't known of them."""


def header(plan: Plan, page: Page) -> Iterator[str]:
    """Write the plan's name, its stages by what happens to them, and all that it will take."""
    stages = f"{_some(len(plan.stages), 'stage')}: {_counted(plan.stages)}"
    pieces = [stages]
    if plan.measurements:
        pieces.append(
            f"{_some(len(plan.measurements), 'measurement')}: {_counted(plan.measurements)}"
        )
    name = f"plan of {plan.name}"
    yield from page.flow(f"{name}: ", pieces, marks=((name, "bold"),), hang=2, gap="; ")
    settings = [f"seed {plan.seed}", f"threads {plan.threads}"]
    if plan.baseline:
        settings.append(f"baseline {plan.baseline}")
    yield from page.flow("  ", settings, gap=", ")
    if plan.plugins:
        stated = [f"{name}: {here}" for name, here in plan.plugins.items()]
        yield from page.flow("  plugins ", stated, marks=(("plugins", "dim"),), gap=", ")
    yield from _cost(plan, page)


def _some(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _counted(nodes: Sequence[Node]) -> str:
    counts = dict.fromkeys(("run", "reuse", "blocked"), 0)
    for node in nodes:
        if isinstance(node.action, str) and node.action in counts:
            counts[node.action] += 1
    said = [f"{n:,} {action}" for action, n in counts.items() if n or action != "blocked"]
    return ", ".join(said)


def _cost(plan: Plan, page: Page) -> Iterator[str]:
    if isinstance(plan.estimate, Unknown):  # after a pass that comes before estimates
        return
    whole = total(plan.nodes)
    estimate = whole.estimate
    for label, expected, write, unknown in (
        ("time", estimate.seconds, duration, whole.without_seconds),
        ("memory", estimate.peak_memory, size, ()),
        ("disk", estimate.disk, size, whole.without_disk),
    ):
        pieces = []
        if isinstance(expected, Expected):
            pieces.append(_about(expected, ranged(expected, write, stands=expected.basis)))
        if unknown:
            more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
            pieces.append(f"not known of {', '.join(unknown[:_NAMED])}{more}")
        yield from page.flow(f"  {label:<7} ", pieces, marks=((label, "dim"),), gap=", ")


def _about(expected: Expected, said: str) -> str:
    return said if expected.basis == "exact" else f"about {said}"
