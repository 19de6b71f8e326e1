"""A recipe file → `Recipe`: read, composed, validated; nothing it names has been looked up."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from recipec.diagnostics import MOST_ERRORS, Diagnostic, RecipeError, UsageError, error
from recipec.recipe.compose import Composition, read_composition
from recipec.recipe.cross_references import cross_reference_problems
from recipec.recipe.matrix import Variant
from recipec.recipe.misread import not_of_its_type
from recipec.recipe.model import RecipeSpec
from recipec.recipe.problems import diagnose
from recipec.recipe.recipe import Recipe
from recipec.recipe.variants import chosen_variant, chosen_variants
from recipec.source import DocumentError, decode, read_bytes, read_document


def load_recipe(
    path: FilePath,
    settings: Iterable[str] = (),
    presets: Iterable[str] = (),
    variant: str | None = None,
) -> Recipe:
    """Read and validate a recipe file.

    Raises RecipeError, and UsageError when there is no file, or no variant is chosen of several.
    """
    composition = _read(path, settings, presets)
    return _validated(composition, chosen_variant(composition.variants, variant))


def load_variants(
    path: FilePath,
    settings: Iterable[str] = (),
    presets: Iterable[str] = (),
    variants: Iterable[str] = (),
) -> tuple[Recipe, ...]:
    """Read and validate all variants of a recipe, or those whose labels fit the patterns.

    A recipe without a matrix is the only one. Raises RecipeError with what is wrong in any variant,
    and UsageError as `load_recipe`.
    """
    composition = _read(path, settings, presets)
    recipes: list[Recipe] = []
    problems: dict[Diagnostic, None] = {}
    for variant in chosen_variants(composition.variants, tuple(variants)) or (None,):
        try:
            recipes.append(_validated(composition, variant))
        except RecipeError as problem:  # told once, in however many variants it is
            problems |= dict.fromkeys(problem.diagnostics)
    if problems:
        raise RecipeError(problems)
    return tuple(recipes)


def parse_recipe(
    data: bytes,
    file: str,
    folder: FilePath,
    settings: Iterable[str] = (),
    environment: Mapping[str, str] | None = None,
    presets: Iterable[str] = (),
    variant: str | None = None,
) -> Recipe:
    """Validate a recipe's bytes; relative paths in it start at `folder`. Raises RecipeError."""
    composition = _composed(data, file, folder, None, settings, presets, environment)
    return _validated(composition, chosen_variant(composition.variants, variant))


def _read(path: FilePath, settings: Iterable[str], presets: Iterable[str]) -> Composition:
    try:
        data = read_bytes(path)
    except OSError as problem:
        raise UsageError(
            error("no-recipe", f"{path} can't be read: {problem.strerror}")
        ) from problem
    return _composed(data, str(path), path.parent, path, settings, presets, None)


def _composed(
    data: bytes,
    file: str,
    folder: FilePath,
    path: FilePath | None,
    settings: Iterable[str],
    presets: Iterable[str],
    environment: Mapping[str, str] | None,
) -> Composition:
    try:
        document = read_document(decode(data, file), file)
    except DocumentError as problem:
        raise RecipeError(
            error(problem.code, problem.message, problem.span, problem.hint)
        ) from problem
    known = os.environ if environment is None else environment
    return read_composition(document, folder, path, settings, presets, known)


def _validated(composition: Composition, variant: Variant | None) -> Recipe:
    (value, spans), warnings, asked = composition.compose(variant)
    given: Any = value
    try:
        spec = RecipeSpec.model_validate(given)
    except ValidationError as problem:
        raise RecipeError(diagnose(problem, RecipeSpec, spans, given)) from problem
    file = composition.files[-1]
    recipe = Recipe(
        spec,
        file.document,
        spans,
        file.folder,
        given,
        composition.files,
        variant.label if variant else None,
        composition.order(variant),
        warnings,
        tuple(setting.text for setting in composition.settings),
        composition.presets,
        asked,
    )
    flags = {name: value for name, value in given.items() if isinstance(value, bool)}
    problems = [
        *(recipe.error("invalid-value", said, at) for at, said in not_of_its_type(flags, spec)),
        *islice(cross_reference_problems(recipe), MOST_ERRORS + 1),
    ]
    if problems:
        raise RecipeError(problems)
    return recipe
