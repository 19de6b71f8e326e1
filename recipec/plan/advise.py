"""advise: plugins have their say about the finished plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recipec.diagnostics import Diagnostic, RecipeError, Severity
from recipec.plan.model import Plan
from recipec.plan.planning import Planning

if TYPE_CHECKING:
    from recipec.api import Finding


def advise(plan: Plan, planning: Planning) -> Plan:
    """Ask `recipec_check_plan`, with copies of the plan. Raises RecipeError on their errors."""
    said: list[Diagnostic] = []
    if planning.catalog.hooks.hook.recipec_check_plan.get_hookimpls():
        for answer in planning.catalog.ask("recipec_check_plan", plan=plan.model_copy(deep=True)):
            said += [_diagnostic(finding, plan, planning) for finding in answer.items]
            if answer.failure:
                said.append(Diagnostic(Severity.WARNING, "plugin-check", answer.failure))
    if errors := [d for d in said if d.severity is Severity.ERROR]:
        raise RecipeError(errors)
    return plan.saying(*said)


def _diagnostic(finding: Finding, plan: Plan, planning: Planning) -> Diagnostic:
    known = {node.id: node.at for node in plan.nodes}
    at = known.get(finding.stage or "", ())
    severity = Severity.ERROR if finding.severity == "error" else Severity.WARNING
    span = planning.recipe.place(at).value
    return Diagnostic(severity, "plugin-check", finding.message, span, finding.hint)
