"""Recipes of older versions (`v0/`) are rewritten, or say what to change by hand."""

from pathlib import Path

import pytest

import recipec
from recipec.recipe.migrations import MIGRATIONS, migrate
from recipec.recipe.model import API_VERSION

V0 = Path(__file__).parent / "v0"
OLD = sorted(path for path in V0.glob("*.yaml") if ".migrated" not in path.name)


@pytest.mark.parametrize("path", OLD, ids=lambda path: path.stem)
def test_an_old_recipe_is_rewritten_and_keeps_its_comments(path):
    migrated = migrate(path.read_bytes(), path.name)
    assert migrated.steps == ("v0", "recipec/v1")
    assert migrated.after == path.with_suffix(".migrated.yaml").read_text()


@pytest.mark.parametrize("path", OLD, ids=lambda path: path.stem)
def test_an_old_recipe_is_refused_with_the_way_out(path):
    with pytest.raises(recipec.RecipeError) as caught:
        recipec.load_recipe(path)
    (problem,) = caught.value.diagnostics
    assert problem.code == "api-version"
    assert problem.hint.startswith(f"run `recipec migrate {path}`")


def test_every_version_leads_to_the_next_and_the_last_to_the_current_one():
    versions = [step.before for step in MIGRATIONS] + [MIGRATIONS[-1].after]
    assert versions == ["v0", *(step.after for step in MIGRATIONS)]
    assert versions[-1] == API_VERSION


def test_line_breaks_stay_as_they_are():
    text = "recipe: 1\nstages:\n  - use: toys.scale\n".replace("\n", "\r\n")
    after = "apiVersion: recipec/v1\nname: old\nstages:\n  - id: scale\n    uses: toys.scale\n"
    assert migrate(text.encode(), "old.yaml").after == after.replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("file", "name"),
    [("My Recipe.yaml", "my-recipe"), ("8bit.yaml", "recipe-8bit"), ("é.yaml", "recipe")],
)
def test_the_name_is_made_of_the_file_s(file, name):
    assert f"name: {name}\n" in migrate(b"recipe: 1\nstages: []\n", file).after


def test_a_current_recipe_stays_as_it_is():
    migrated = migrate(b"apiVersion: recipec/v1\nname: x\n", "x.yaml")
    assert (migrated.steps, migrated.before) == ((), migrated.after)


@pytest.mark.parametrize(
    "text", [b"recipe: 2\n", b"apiVersion: recipec/v9\n", b"[1]", b"recipe: ["]
)
def test_what_is_no_recipe_of_a_known_version_is_an_error(text):
    with pytest.raises(recipec.RecipeError):
        migrate(text, "x.yaml")


def test_an_old_base_is_refused_at_its_place(recipes):
    recipes.write("base.yaml", "recipe: 1\nstages: []\n")
    (problem,) = recipes.problems(recipes.over, "")
    assert (problem.code, str(problem.span)) == ("api-version", "base.yaml:1:1")
