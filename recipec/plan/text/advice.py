"""What lints, operators and plugins have to say about the plan, and what the recipe silences."""

from __future__ import annotations

from collections.abc import Iterator

from recipec.diagnostics import Diagnostic
from recipec.plan.model import Plan
from recipec.plan.text.page import Page


def advice(plan: Plan, page: Page) -> Iterator[str]:
    """Write each finding with its place, its hint, and where to read more."""
    if plan.diagnostics:
        yield ""
        yield page.heading("warnings")
    for diagnostic in plan.diagnostics:
        severity = diagnostic.severity.value
        label = f"{severity}[{diagnostic.code}]"
        head = f"  {_place(diagnostic)}{label}: "
        yield from page.flow(head, [diagnostic.message], marks=((label, severity),), hang=6)
        if diagnostic.origin:
            yield from page.flow("      ", [f"the value comes {diagnostic.origin}"])
        if diagnostic.hint:
            yield from page.flow("      hint: ", [diagnostic.hint])
        yield from page.flow("      more: ", [f"recipec explain {diagnostic.code}"])
    if plan.silenced:
        yield ""
        yield page.heading("silenced")
    for diagnostic, reason in plan.silenced:
        yield from page.flow(f"  {_place(diagnostic)}{diagnostic.code}: ", [reason], hang=6)


def _place(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.span}: " if diagnostic.span else ""
