"""The recipe level: composition, look-ups and the typed schema."""

from recipec.recipe.gate import Gate
from recipec.recipe.load import load_recipe, load_variants, parse_recipe
from recipec.recipe.model import Measure, RecipeSpec, Silence, Stage, Use
from recipec.recipe.problems import diagnose
from recipec.recipe.recipe import Recipe
from recipec.recipe.suggest import suggestion

__all__ = [
    "Gate",
    "Measure",
    "Recipe",
    "RecipeSpec",
    "Silence",
    "Stage",
    "Use",
    "diagnose",
    "load_recipe",
    "load_variants",
    "parse_recipe",
    "suggestion",
]
