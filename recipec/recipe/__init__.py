"""The recipe level: composition, look-ups and the typed schema."""

from recipec.recipe.load import Recipe, load_recipe, parse_recipe
from recipec.recipe.model import Gate, Measure, RecipeSpec, Stage, Use
from recipec.recipe.problems import diagnose
from recipec.recipe.suggest import suggestion

__all__ = [
    "Gate",
    "Measure",
    "Recipe",
    "RecipeSpec",
    "Stage",
    "Use",
    "diagnose",
    "load_recipe",
    "parse_recipe",
    "suggestion",
]
