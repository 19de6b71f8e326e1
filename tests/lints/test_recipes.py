"""The recipes in the repository give no warning, or silence it with a reason."""

from pathlib import Path

import pytest

import recipec
from minilm import skip_without_its_model

RECIPES = sorted((Path(recipec.__file__).parent.parent / "recipes").glob("*.yaml"))


@pytest.mark.frameworks
@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_compiles_without_a_warning(path, tmp_path):
    skip_without_its_model(path)
    try:
        compiled = recipec.compile_recipe(recipec.load_recipe(path), store=tmp_path / "store")
    except recipec.RecipeError as problem:
        if {diagnostic.code for diagnostic in problem.diagnostics} == {"missing-file"}:
            pytest.skip("its data set isn't installed")
        raise
    assert compiled.plan.diagnostics == ()
