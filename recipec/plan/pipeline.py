"""The passes in their order. Each is Plan → Plan; `bind` makes the first one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from recipec.plan.advise import advise
from recipec.plan.bind import bind
from recipec.plan.check import check
from recipec.plan.estimate import estimate
from recipec.plan.gates import gates
from recipec.plan.infer import infer
from recipec.plan.key import key
from recipec.plan.measure import measure
from recipec.plan.model import Plan
from recipec.plan.planning import Planning
from recipec.plan.reuse import reuse
from recipec.plan.select import select
from recipec.registry.blame import blaming

PASSES: Final[Mapping[str, Callable[[Plan, Planning], Plan]]] = {
    "measure": measure,
    "gates": gates,
    "select": select,
    "infer": infer,
    "check": check,
    "key": key,
    "reuse": reuse,
    "estimate": estimate,
    "advise": advise,
}


def make_plan(planning: Planning, observe: Callable[[str, Plan], None] | None = None) -> Plan:
    """Run all passes; `observe` sees the plan after each, by the pass's name.

    Raises RecipeError with what is wrong with the recipe.
    """
    with blaming(planning.catalog):
        plan = bind(planning)
        if observe:
            observe("bind", plan)
        for name, apply in PASSES.items():
            plan = apply(plan, planning)
            if observe:
                observe(name, plan)
    return plan
