"""What must hold of any input: it is planned, and always in the same way, or it is refused with a
place in the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from recipec.cli.problems import diagnostic_text
from recipec.diagnostics import Diagnostic, RecipecError, RecipeError, Severity
from recipec.plan import Forgetful, Machine, Plan, Planning, make_plan
from recipec.plan.text import plan_text
from recipec.recipe import Recipe
from recipec.recipe.load import load_variants
from recipec.registry import Catalog

VARIANTS = 3
"""How many variants of a matrix are planned."""
PLACELESS = frozenset({"more-errors"})
"""Codes of diagnostics that aren't about a place."""


class Violation(AssertionError):
    """A property doesn't hold."""


def outcome(path: Path, catalog: Catalog) -> tuple[str, ...]:
    """Load and plan a recipe; give the codes of its errors, () when it is planned.

    Raises Violation, and whatever recipec raises that it should not.
    """
    try:
        recipes = load_variants(path)
        for recipe in recipes[:VARIANTS]:
            _planned(recipe, catalog)
    except RecipecError as problem:
        if not isinstance(problem, RecipeError):
            raise Violation(f"a recipe can't be wrong in this way: {problem!r}") from problem
        _check_rejection(problem, path)
        return tuple(sorted({d.code for d in problem.diagnostics}))
    return ()


def _planned(recipe: Recipe, catalog: Catalog) -> None:
    first, text = _plan(recipe, catalog)
    second, again = _plan(recipe, catalog)
    if first.model_dump_json() != second.model_dump_json() or text != again:
        raise Violation("planned twice, two plans")
    for diagnostic in first.diagnostics:
        _check_diagnostic(diagnostic)


def _plan(recipe: Recipe, catalog: Catalog) -> tuple[Plan, str]:
    planning = Planning(recipe, catalog, Machine(catalog.capabilities), Forgetful())
    plan = make_plan(planning)
    return plan, plan_text(plan, planning)


def _check_rejection(problem: RecipecError, path: Path) -> None:
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
    if not any(d.span and (d.span.file == str(path) or d.origin) for d in placed):
        raise Violation(f"no place in the file: {problem}")


def _check_diagnostic(diagnostic: Diagnostic) -> None:
    said: list[Any] = [str(diagnostic), diagnostic_text(diagnostic), diagnostic.message]
    if any(not text.strip() for text in said):
        raise Violation("a diagnostic without a word")
    if diagnostic.severity is Severity.ERROR and diagnostic.message.count("\n") > 40:
        raise Violation("a message of many lines")
    for text in (*said, json.dumps(diagnostic.to_json(), ensure_ascii=False)):
        text.encode()  # what can't be written can't be shown
