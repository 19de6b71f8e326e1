"""The plan as text, for review: what runs, what is reused, what is blocked, and what it does."""

from __future__ import annotations

from collections.abc import Iterator

from recipec.plan.model import Plan
from recipec.plan.planning import Planning
from recipec.plan.text.advice import advice
from recipec.plan.text.data import data
from recipec.plan.text.header import header
from recipec.plan.text.measurements import measurements
from recipec.plan.text.page import WIDTH, Page
from recipec.plan.text.promises import gates, outputs
from recipec.plan.text.stage import stage

__all__ = ["WIDTH", "Page", "plan_text"]


def plan_text(plan: Plan, planning: Planning, page: Page | None = None) -> str:
    """Render a plan; without a page, for a width of 100 columns and without colours."""
    return "\n".join(_lines(plan, planning, page or Page())) + "\n"


def _lines(plan: Plan, planning: Planning, page: Page) -> Iterator[str]:
    yield from header(plan, page)
    yield from data(plan, planning, page)
    yield ""
    yield page.heading("stages")
    for node in plan.stages:
        yield from stage(node, plan, planning, page)
    yield from measurements(plan, planning, page)
    yield from gates(plan, page)
    yield from outputs(plan, page)
    yield from advice(plan, page)
