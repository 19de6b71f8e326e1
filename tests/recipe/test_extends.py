"""A recipe changes others: which files are applied, in which order, and what is told about them."""

import sys
from pathlib import Path

import pytest

import recipec
from recipec.recipe.extends import MAX_DEPTH, MAX_FILES, package_folder

HEAD = "apiVersion: recipec/v1\nname: toy\n"
BASE = "apiVersion: recipec/v1\n"


def seed(recipe):
    return recipe.spec.seed


def test_what_a_recipe_does_not_say_its_base_does(recipes):
    recipe = recipes.over("seed: 7\n")
    assert recipe.spec.name == "toy"
    assert seed(recipe) == 7
    assert [stage.id for stage in recipe.spec.stages] == ["big", "small", "packed"]


def test_the_deepest_file_comes_first_and_the_recipe_last(recipes):
    recipes.write("a.yaml", BASE + "seed: 1\nthreads: 1\nbaseline: big\nextends: base.yaml\n")
    recipes.write("b.yaml", BASE + "seed: 2\nthreads: 2\nextends: a.yaml\n")
    recipe = recipes.load(HEAD + "extends: b.yaml\nseed: 3\n")
    assert (seed(recipe), recipe.spec.threads, recipe.spec.baseline) == (3, 2, "big")
    assert [file.said for file in recipe.files] == ["base.yaml", "a.yaml", "b.yaml", "recipe.yaml"]


def test_of_several_bases_the_later_wins(recipes):
    recipes.write("a.yaml", BASE + "seed: 1\nthreads: 3\n")
    recipes.write("b.yaml", BASE + "seed: 2\n")
    recipe = recipes.load(HEAD + "extends: [base.yaml, a.yaml, b.yaml]\n")
    assert (seed(recipe), recipe.spec.threads) == (2, 3)


def test_a_file_that_is_reached_twice_is_applied_once_at_its_first_place(recipes):
    for name, own in (("a", 1), ("b", 2)):
        recipes.write(f"{name}.yaml", BASE + f"extends: base.yaml\nseed: {own}\n")
    recipes.write("base.yaml", (recipes.folder / "base.yaml").read_text() + "seed: 9\n")
    recipe = recipes.load(HEAD + "extends: [a.yaml, b.yaml]\n")
    assert [file.said for file in recipe.files] == ["base.yaml", "a.yaml", "b.yaml", "recipe.yaml"]
    assert seed(recipe) == 2


def test_names_are_relative_to_the_file_that_states_them(recipes):
    recipes.write("shared/deep/model.yaml", BASE + "extends: ../../base.yaml\n")
    recipes.write("shared/both.yaml", BASE + "extends: deep/model.yaml\n")
    recipe = recipes.load(HEAD + "extends: shared/both.yaml\n")
    names = ["base.yaml", "shared/deep/model.yaml", "shared/both.yaml", "recipe.yaml"]
    assert [file.name for file in recipe.files] == names


def test_a_package_holds_recipes_and_is_not_imported(recipes, monkeypatch):
    text = (recipes.folder / "base.yaml").read_text()
    recipes.write("site/acme/__init__.py", "raise ImportError('heavy')\n")
    recipes.write("site/acme/inner/__init__.py", "raise ImportError('heavier')\n")
    recipes.write("site/acme/inner/recipes/base.yaml", text)
    monkeypatch.syspath_prepend(str(recipes.folder / "site"))
    recipe = recipes.load(HEAD + "extends: 'acme.inner:recipes/base.yaml'\n")
    assert len(recipe.spec.stages) == 3
    assert "acme" not in sys.modules
    assert recipe.files[0].packaged
    assert recipe.files[0].said == "acme.inner:recipes/base.yaml"


def test_an_installed_plugin_can_hold_recipes():
    assert package_folder("recipec_torch").joinpath("model.py").is_file()
    assert package_folder("no_such_package_here") is None
    assert package_folder("sys") is None


def test_name_description_schema_and_extensions_are_not_inherited(recipes):
    text = (recipes.folder / "base.yaml").read_text()
    own = "description: of the base\n$schema: s.json\nx-owner: someone\n"
    recipes.write("base.yaml", text + own)
    recipe = recipes.over("")
    assert recipe.spec.description is None
    assert {"name", "model", "data", "stages", "apiVersion"} == set(recipe.value)
    (problem,) = recipes.problems(recipes.load, BASE + "extends: base.yaml\n")
    assert (problem.code, problem.message) == ("missing-key", "the recipe needs 'name'")


def test_a_value_from_a_base_is_placed_in_its_file_and_says_how_it_came_here(recipes):
    recipes.write("base.yaml", (recipes.folder / "base.yaml").read_text().replace("0.5", "half"))
    recipe = recipes.over("")
    place = recipe.place(("stages", 1, "with", "amount"))
    assert str(place.value) == "base.yaml:9:49"
    assert place.origin == "from base.yaml, which recipe.yaml:3 extends"


def test_everything_wrong_with_the_files_is_told_at_once(recipes):
    recipes.write("old.yaml", "name: old\n")
    recipes.write("broken.yaml", BASE + "name: [\n")
    told = recipes.problems(recipes.load, HEAD + "extends: [old.yaml, broken.yaml, none.yaml]\n")
    assert [problem.code for problem in told] == ["api-version", "yaml", "missing-file"]
    assert told[0].origin == "from old.yaml, which recipe.yaml:3 extends"


def test_chains_and_numbers_of_files_are_bounded(recipes):
    for number in range(MAX_DEPTH + 2):
        recipes.write(f"{number}.yaml", BASE + f"extends: {number + 1}.yaml\n")
    (problem,) = recipes.problems(recipes.load, HEAD + "extends: 0.yaml\n")
    assert problem.code == "extends-depth"
    names = [f"f{number}.yaml" for number in range(MAX_FILES + 1)]
    for name in names:
        recipes.write(name, BASE + "seed: 1\n")
    (problem,) = recipes.problems(recipes.load, HEAD + f"extends: [{', '.join(names)}]\n")
    assert problem.code == "extends-depth"


@pytest.mark.parametrize(
    "name", ["~nobody-of-this-name/base.yaml", "a" * 5000, '"nul\\0.yaml"', "base.yaml/inner.yaml"]
)
def test_a_name_that_no_file_can_have_is_one_error(recipes, name):
    (problem,) = recipes.problems(recipes.load, HEAD + f"extends: {name}\n")
    assert problem.code == "missing-file"


def test_a_link_may_lead_to_a_base(recipes):
    recipes.write("elsewhere/real.yaml", (recipes.folder / "base.yaml").read_text())
    Path("link.yaml").symlink_to("elsewhere/real.yaml")
    assert recipes.load(HEAD + "extends: link.yaml\n").files[0].name == "link.yaml"


def test_the_order_of_composition_is_known(recipes):
    text = "presets: {quick: {threads: 2}}\nmatrix: {seed: [1, 2]}\n"
    recipe = recipes.over(text, "baseline=big", presets=["quick"], variant="seed=2")
    assert recipe.order == (
        "base.yaml",
        "recipe.yaml",
        "preset quick",
        "matrix seed=2",
        "--set baseline=big",
    )
    assert isinstance(recipe, recipec.recipe.Recipe)
