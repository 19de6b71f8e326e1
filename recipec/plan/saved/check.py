"""Does a reviewed plan still hold? First what goes into it, before anything is imported or looked
at; then, of the plan that is compiled again, all that follows from that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from recipec.diagnostics import Diagnostic, RecipeError, Severity, error
from recipec.plan.model import Plan
from recipec.plan.planning import Planning
from recipec.plan.saved.consequences import Consequence, consequences
from recipec.plan.saved.pins import Drift, drift, pin
from recipec.plan.saved.plan import SavedPlan, capabilities, environment, sources, text_digest
from recipec.plan.saved.recipe_changes import SINCE, recipe_changes
from recipec.plan.saved.written import written

VERSION: Final = "changed-version"
_SHOWN: Final = 4


class PlanChanged(RecipeError):
    """A reviewed plan doesn't hold any more."""


def check_inputs(saved: SavedPlan, plan: Plan, planning: Planning, again: str) -> None:
    """Compare what goes into a plan with what was reviewed: the recipe's stages, parameters, files
    and code, versions, the machine. `plan` need only be bound and selected; nothing is imported.

    `again` is the command that plans again. Raises PlanChanged with one diagnostic for each
    independent change.
    """
    found = recipe_changes(saved.plan, written(plan), planning)
    drifts = list(drift(saved.pins, pin(plan.nodes, planning, saved.pins.packages)))
    # What only one side names comes with a change that is told already, or must be told itself.
    firm = [one for one in drifts if one.before is not None and (one.now or one.missing)]
    found += [_drifted(one, planning) for one in firm]
    found += _machine_changes(saved, planning)
    found += _environment_changes(saved, planning, found)
    if not found:
        found += [_drifted(one, planning) for one in drifts]
        found += _source_changes(saved, planning)
    _refuse(found, again)


def check_plan(saved: SavedPlan, plan: Plan, planning: Planning, again: str) -> list[Diagnostic]:
    """Compare a finished plan with what was reviewed; give notes on what was made meanwhile.

    Raises PlanChanged with one diagnostic for each root cause.
    """
    found = [_drifted(one, planning) for one in drift(saved.pins, pin(plan.nodes, planning))]
    found += _machine_changes(saved, planning)
    followed = list(consequences(saved.plan, written(plan)))
    found += [_consequence(said, plan, planning) for said in followed if not said.fine]
    _refuse(found, again)
    return _made_since([said.node or "" for said in followed], plan)


def changed_sources(saved: SavedPlan, recipe: Path) -> list[Diagnostic]:
    """Say that a recipe that can't be loaded any more isn't the one that was reviewed."""
    text = recipe.read_bytes().decode("utf-8-sig", "replace")
    if text_digest(text) == saved.sources[-1].digest:
        return []
    return [error("changed-recipe", f"{recipe} changed {SINCE}")]


def _refuse(found: list[Diagnostic], again: str) -> None:
    if found:
        last = found[-1]
        hint = f"{last.hint}; to" if last.hint else "to"
        found[-1] = last._replace(hint=f"{hint} review it again: {again}")
        raise PlanChanged(found)


def _drifted(one: Drift, planning: Planning) -> Diagnostic:
    code = "changed-file" if one.kind == "file" else VERSION
    return planning.recipe.error(code, f"{one} {SINCE}", one.at)


def _machine_changes(saved: SavedPlan, planning: Planning) -> Iterator[Diagnostic]:
    asked = dict.fromkeys((*saved.capabilities, *capabilities(planning)))
    for name in asked:
        before, now = saved.capabilities.get(name), planning.machine.version(name)
        if before != now:
            words = [_version(name, version) for version in (before, now)]
            yield error(VERSION, f"{words[0]} → {words[1]} {SINCE}")


def _version(name: str, version: str | None) -> str:
    return f"no {name}" if version is None else f"{name} {version}".rstrip()


def _environment_changes(
    saved: SavedPlan, planning: Planning, found: list[Diagnostic]
) -> Iterator[Diagnostic]:
    """Say which variables of the environment changed, if no changed value says it already."""
    now = environment(planning.recipe)
    for name in sorted(saved.environment.keys() | now.keys()):
        told = any(f"variable {name}" in (one.origin or "") for one in found)
        if saved.environment.get(name) != now.get(name) and not told:
            yield error("changed-environment", f"the environment variable {name} changed {SINCE}")


def _source_changes(saved: SavedPlan, planning: Planning) -> Iterator[Diagnostic]:
    """Say which lines of the recipe's files changed, also where that changes nothing else."""
    now = sources(planning.recipe)
    if [one.name for one in saved.sources] != [one.name for one in now]:
        names = [", ".join(one.name for one in side) for side in (saved.sources, now)]
        yield error("changed-recipe", f"the recipe is made of {names[1]}, and was of {names[0]}")
        return
    for old, new, file in zip(saved.sources, now, planning.recipe.files, strict=True):
        if old.digest != new.digest:
            from recipec.plan.saved.lines import changed_lines

            yield from changed_lines(file.name, old.text, new.text)


def _made_since(reused: list[str], plan: Plan) -> list[Diagnostic]:
    """Note what is reused although it was reviewed to run; measurements go without saying."""
    stages = [id for id in reused if plan.by_id[id].role != "measure"] or reused
    if not stages:
        return []
    more = f" and {len(stages) - _SHOWN} more" if len(stages) > _SHOWN else ""
    message = f"made {SINCE}, and reused: {', '.join(stages[:_SHOWN])}{more}"
    return [Diagnostic(Severity.NOTE, "made-since", message)]


def _consequence(said: Consequence, plan: Plan, planning: Planning) -> Diagnostic:
    node = plan.by_id.get(said.node) if said.node is not None else None
    if node is None:
        return error(said.code, said.message, hint=said.hint)
    return planning.recipe.error(said.code, said.message, node.at, said.hint)
