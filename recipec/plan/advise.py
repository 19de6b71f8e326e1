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
from recipec.registry import named
from recipec.source import Span
from recipec.walls import Walled, walled


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
        said += (Diagnostic(Severity.WARNING, "process-state", told) for told in answer.told)
    if refused:
        raise RecipeError(refused)
    silences = Silences(planning)
    asked: set[str] = set()
    with walled() as within:
        for code, lint in lints_of(planning.catalog).items():
            if lint.whole_plan and planning.until is not None:
                continue
            asked.add(code)
            for found in _findings(lint, view, planning, within):
                if isinstance(found, Diagnostic):
                    said.append(found)
                    continue
                placed = _placed(found, plan, planning)
                diagnostic = Diagnostic(Severity.WARNING, lint.code, *placed)
                if not silences.take(diagnostic, found.stage):
                    said.append(diagnostic)
    said += _of_plugins(planning)
    said += silences.useless(asked)
    order = _by_place(planning)
    return plan.model_copy(
        update={
            "diagnostics": tuple(sorted(said, key=order)),
            "silenced": tuple(sorted(silences.silenced, key=lambda s: order(s.diagnostic))),
        }
    )


def _of_plugins(planning: Planning) -> Iterator[Diagnostic]:
    """Say what plugins did wrong while they were loaded, and what their probes did."""
    for plugin in planning.catalog.plugins:
        who = f"loading plugin {named(plugin.name, plugin)}"
        for what in plugin.told:
            yield Diagnostic(Severity.WARNING, "process-state", f"{who} {what}")
    for faults in planning.machine.faults.values():
        yield from faults


def _findings(
    lint: Lint, view: PlanView, planning: Planning, within: Walled
) -> Iterator[Finding | Diagnostic]:
    """Ask a lint. A plugin's that raises is told of; one of recipec's own is a bug."""
    offered = planning.catalog.lints.get(lint.code)
    if offered is None:
        yield from lint.check(view)
        return
    from recipec.registry.asking import Asked, ask_lint  # not every installation has such lints

    plugin = offered.plugin
    answer = ask_lint(Asked(lint.code, lint.check, plugin.name, plugin, plugin), view, within)
    if answer.failure:
        yield Diagnostic(Severity.WARNING, "lint-failed", answer.failure)
    for told in answer.told:
        yield Diagnostic(Severity.WARNING, "process-state", told)
    yield from answer.items


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
