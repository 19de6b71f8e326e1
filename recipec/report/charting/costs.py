"""Time and memory by stage, beside what the plan expected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from recipec.api import Estimate, Expected, Unknown
from recipec.api.metrics import MetricUnit
from recipec.report import formats
from recipec.report.context import Axis, Look, Step, Waterfall
from recipec.report.text import clip, name
from recipec.run.record import RunRecord, StageRecord

LIMIT: Final = 30
"""Nodes that are shown: those that took most."""


def costs(record: RunRecord) -> tuple[Waterfall, ...]:
    """Draw seconds and peak memory of the nodes that took most, in the order of the plan."""
    nodes = [n for n in (*record.stages, *record.measurements) if n.status in ("ran", "failed")]
    time = _bars("time", "Time", "s", nodes, lambda n: n.seconds, lambda e: e.seconds)
    memory = _bars(
        "memory", "Peak memory", "bytes", nodes, lambda n: n.peak_memory, lambda e: e.peak_memory
    )
    return tuple(chart for chart in (time, memory) if chart is not None)


def _bars(
    id: str,
    title: str,
    unit: MetricUnit,
    nodes: list[StageRecord],
    taken: Callable[[StageRecord], float | None],
    expected: Callable[[Estimate], Expected | Unknown],
) -> Waterfall | None:
    known = [(node, value) for node in nodes if (value := taken(node))]
    if not known:
        return None
    least = sorted((value for _, value in known), reverse=True)[:LIMIT][-1]
    shown = [(node, value) for node, value in known if value >= least][:LIMIT]
    reach = max(value for _, value in shown) * 1.1
    steps = tuple(_step(title, unit, node, value, expected, reach) for node, value in shown)
    note = "of what ran; lines show where the plan expected it"
    if rest := [value for node, value in known if node not in [n for n, _ in shown]]:
        said = formats.some(len(rest), "other node")
        note += f"; {said} took {formats.duration(sum(rest))}" if unit == "s" else f"; {said} less"
    return Waterfall(id, title, note, Axis(title, unit, "lower", 0.0, reach), "bars", steps)


def _step(
    title: str,
    unit: MetricUnit,
    node: StageRecord,
    value: float,
    expected: Callable[[Estimate], Expected | Unknown],
    reach: float,
) -> Step:
    said = formats.quantity(value, unit)
    tip = [name(node.id).short, f"{title}: {said}"]
    low = high = None
    range = expected(node.estimate) if isinstance(node.estimate, Estimate) else None
    if isinstance(range, Expected):
        ends = (formats.quantity(range.low, unit), formats.quantity(range.high, unit))
        tip.append(f"expected {formats.quantity(range.likely, unit)} [{formats.span(*ends)}]")
        low, high = min(range.low, reach), min(range.high, reach)
    look: Look = "bad" if node.status == "failed" else "plain"
    return Step(name(node.id), clip(said), look, value, None, low, high, "\n".join(tip))
