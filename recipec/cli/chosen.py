"""Load the one recipe that a command is about, of a recipe that may have variants."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from recipec.diagnostics import UsageError, error

if TYPE_CHECKING:
    from recipec.recipe import Recipe


def one_recipe(
    path: Path, settings: Sequence[str], presets: Sequence[str], variants: Sequence[str]
) -> Recipe:
    """Load a recipe, or the variant that is chosen. Raises RecipeError, UsageError."""
    from recipec.compiler import load_variants

    recipes = load_variants(path, settings, presets, variants)
    if len(recipes) > 1:
        raise several(recipes, "this command")
    return recipes[0]


def several(recipes: Sequence[Recipe], what: str) -> UsageError:
    """Make the error that one variant must be chosen."""
    from recipec.recipe.variants import listed

    shown = listed([recipe.variant or recipe.spec.name for recipe in recipes])
    message = f"{what} is about one variant, and there are {len(recipes):,}"
    hint = f"choose one with --variant: {shown}"
    return UsageError(error("several-variants", message, hint=hint))
