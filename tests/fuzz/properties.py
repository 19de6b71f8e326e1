"""What must hold of any input: it is planned, and always in the same way, or it is refused with a
place in the file.

What is planned can be rendered to a recipe that has the same plan, and saved and read again; what
is a recipe of this version has nothing to migrate.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from recipec.cli.problems import diagnostic_text
from recipec.diagnostics import Diagnostic, RecipecError, RecipeError, Severity, UsageError
from recipec.plan import Forgetful, Machine, Plan, Planning, make_plan
from recipec.plan.resolved import resolved
from recipec.plan.saved.plan import SavedPlan, saved_plan
from recipec.plan.text import plan_text
from recipec.recipe import Recipe
from recipec.recipe.load import load_variants
from recipec.recipe.migrations import migrate
from recipec.registry import Catalog

VARIANTS = 3
"""How many variants of a matrix are planned."""
PLACELESS = frozenset({"more-errors"})
"""Codes of diagnostics that aren't about a place."""
USAGE = frozenset({"bad-setting", "unknown-preset"})
"""Codes of what can be wrong with a command line that names settings and presets."""


class Violation(AssertionError):
    """A property doesn't hold."""


def outcome(
    path: Path, catalog: Catalog, settings: Sequence[str] = (), presets: Sequence[str] = ()
) -> tuple[str, ...]:
    """Load and plan a recipe; give the codes of its errors, () when it is planned.

    Raises Violation, and whatever recipec raises that it should not.
    """
    try:
        recipes = load_variants(path, settings, presets)
        for recipe in recipes[:VARIANTS]:
            _planned(recipe, catalog, path)
    except RecipeError as problem:
        check_rejection(problem, path)
        _check_migration(path, current=False)
        return tuple(sorted({d.code for d in problem.diagnostics}))
    except UsageError as problem:
        codes = {d.code for d in problem.diagnostics}
        if not codes <= USAGE or not (settings or presets):
            raise Violation(f"a recipe can't be wrong in this way: {problem!r}") from problem
        for diagnostic in problem.diagnostics:
            _check_diagnostic(diagnostic)
        return tuple(sorted(codes))
    _check_migration(path, current=True)
    return ()


def _planned(recipe: Recipe, catalog: Catalog, path: Path) -> None:
    planning, plan, text = _plan(recipe, catalog)
    _, second, again = _plan(recipe, catalog)
    if plan.model_dump_json() != second.model_dump_json() or text != again:
        raise Violation("planned twice, two plans")
    for diagnostic in plan.diagnostics:
        _check_diagnostic(diagnostic)
    for defaults in (False, True):
        _check_rendered(resolved(planning, defaults=defaults).to_yaml(), plan, catalog, path)
    saved = saved_plan(plan, planning, path.parent)
    if SavedPlan.model_validate_json(saved.model_dump_json()) != saved:
        raise Violation("a saved plan is read as another one")


def _plan(recipe: Recipe, catalog: Catalog) -> tuple[Planning, Plan, str]:
    planning = Planning(recipe, catalog, Machine(catalog.capabilities), Forgetful())
    plan = make_plan(planning)
    return planning, plan, plan_text(plan, planning)


def _check_rendered(text: str, plan: Plan, catalog: Catalog, path: Path) -> None:
    """See that a resolved recipe is a recipe with the same plan."""
    file = path.with_name("rendered.yaml")
    file.write_text(text)
    try:
        (recipe,) = load_variants(file)
        _, rendered, _ = _plan(recipe, catalog)
    except RecipecError as problem:
        raise Violation(f"the rendered recipe is refused: {problem}\n{text}") from problem
    for one, other in zip(plan.nodes, rendered.nodes, strict=True):
        if (one.id, one.ingredients, one.inputs) != (other.id, other.ingredients, other.inputs):
            raise Violation(f"rendered, {one.id} is another node: {one} {other}\n{text}")
    if (plan.outputs, plan.baseline) != (rendered.outputs, rendered.baseline):
        raise Violation(f"rendered, outputs or baseline are others\n{text}")


def _check_migration(path: Path, current: bool) -> None:
    """See that what is current stays as it is, and that nothing else breaks."""
    try:
        migrated = migrate(path.read_bytes(), str(path))
    except RecipeError as problem:
        if current:
            raise Violation(f"it is planned, and can't be migrated: {problem}") from problem
        check_rejection(problem, path)
        return
    if current and migrated.steps:
        raise Violation("it is planned, and there is something to migrate")


def check_rejection(problem: RecipecError, path: Path) -> None:
    """See that all that is told is well told, and about a place in the file. Raises Violation."""
    if not problem.diagnostics:
        raise Violation("refused without a word")
    for diagnostic in problem.diagnostics:
        _check_diagnostic(diagnostic)
        if diagnostic.code == "operator-failed":
            raise Violation(f"an operator's plan() has a bug: {diagnostic.message}")
    lines = path.read_bytes().decode(errors="replace").count("\n") + 2
    placed = [d for d in problem.diagnostics if d.code not in PLACELESS]
    for diagnostic in placed:
        span = diagnostic.span
        if span is None:
            raise Violation(f"no place: {diagnostic}")
        if span.file == str(path) and not 1 <= span.line <= lines + 200:
            raise Violation(f"a place outside of the file: {diagnostic}")
    if not any(d.span and _is_shown(d, path) for d in placed):
        raise Violation(f"no place in the file: {problem}")


def _check_diagnostic(diagnostic: Diagnostic) -> None:
    said: list[Any] = [str(diagnostic), diagnostic_text(diagnostic), diagnostic.message]
    if any(not text.strip() for text in said):
        raise Violation("a diagnostic without a word")
    if diagnostic.severity is Severity.ERROR and diagnostic.message.count("\n") > 40:
        raise Violation("a message of many lines")
    for text in (*said, json.dumps(diagnostic.to_json(), ensure_ascii=False)):
        text.encode()  # what can't be written can't be shown


def _is_shown(diagnostic: Diagnostic, path: Path) -> bool:
    """Say whether a place is in the recipe, in a setting, or has an origin that leads there."""
    file = diagnostic.span.file if diagnostic.span else ""
    return file == str(path) or file.startswith("--set ") or bool(diagnostic.origin)
