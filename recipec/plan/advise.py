"""advise: lints and plugins have their say about the finished plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from recipec.api import Finding, Lint, PlanView
from recipec.diagnostics import Diagnostic, RecipeError, Severity, error
from recipec.plan.lints import lints_of
from recipec.plan.model import Plan
from recipec.plan.planning import Planning
from recipec.plan.silences import Silences
from recipec.plan.view import plan_view
from recipec.source import Span


def advise(plan: Plan, planning: Planning) -> Plan:
    """Ask all lints and `recipec_check_plan`. Raises RecipeError on what a check refuses."""
    view = plan_view(plan, planning)
    said: list[Diagnostic] = [*plan.diagnostics]
    refused: list[Diagnostic] = []
    for answer in planning.catalog.ask("recipec_check_plan", plan=view):
        for finding in answer.items:
            refused.append(error("plugin-check", *_placed(finding, plan, planning)))
        if answer.failure:
            said.append(Diagnostic(Severity.WARNING, "check-failed", answer.failure))
    if refused:
        raise RecipeError(refused)
    silences = Silences(planning)
    asked: set[str] = set()
    for code, lint in lints_of(planning.catalog).items():
        if lint.whole_plan and planning.until is not None:
            continue
        asked.add(code)
        for found in _findings(lint, view, planning):
            if isinstance(found, Diagnostic):
                said.append(found)
                continue
            placed = _placed(found, plan, planning)
            diagnostic = Diagnostic(Severity.WARNING, lint.code, *placed)
            if not silences.take(diagnostic, found.stage):
                said.append(diagnostic)
    said += silences.useless(asked)
    order = _by_place(planning)
    return plan.model_copy(
        update={
            "diagnostics": tuple(sorted(said, key=order)),
            "silenced": tuple(sorted(silences.silenced, key=lambda s: order(s.diagnostic))),
        }
    )


def _findings(lint: Lint, view: PlanView, planning: Planning) -> Iterator[Finding | Diagnostic]:
    """Ask a lint. A plugin's that raises is told of; one of recipec's own is a bug."""
    offered = planning.catalog.lints.get(lint.code)
    if offered is None:
        yield from lint.check(view)
        return
    found: list[Finding] = []
    try:
        found += lint.check(view)
    except Exception as problem:  # a plugin's code may raise anything
        message = f"{lint.code} of plugin {offered.plugin.name!r} raised "
        message += f"{type(problem).__name__}: {problem}"
        yield Diagnostic(Severity.WARNING, "lint-failed", message)
        return
    yield from found


def _placed(
    finding: Finding, plan: Plan, planning: Planning
) -> tuple[str, Span | None, str | None, str | None]:
    """Give the message, place, hint and origin of a finding."""
    at = finding.at
    if at is None:
        node = plan.by_id.get(finding.stage or "")
        at = node.at if node is not None else ()
    place = planning.recipe.place(at)
    return finding.message, place.value, finding.hint, place.origin


def _by_place(planning: Planning) -> Callable[[Diagnostic], tuple[bool, str, int, int, str]]:
    """Order diagnostics as one reads the recipe; what has no place comes last."""
    main = planning.recipe.place(()).value.file

    def key(diagnostic: Diagnostic) -> tuple[bool, str, int, int, str]:
        span = diagnostic.span
        if span is None:
            return True, "", 0, 0, diagnostic.code
        file = "" if span.file == main else span.file
        return False, file, span.line, span.column, diagnostic.code

    return key
