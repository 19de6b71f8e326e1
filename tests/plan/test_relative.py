"""Files are relative to the recipe that names them, wherever it is."""

import os
from pathlib import Path

import pytest

import recipec

HEAD = "apiVersion: recipec/v1\nname: toy\n"
BASE = """\
apiVersion: recipec/v1
vars: {samples: numbers.json, folder: data}
model: {uses: toys.model, with: {code: "code.py:half"}}
data: {train: {uses: toys.numbers, with: {file: "${vars.samples}"}}}
stages: [{id: big, uses: toys.scale, with: {data: train}}]
"""


@pytest.fixture
def planned(tmp_path, monkeypatch, toys):
    """Write files (a `.json` holds as many numbers as its depth), and plan a recipe of them."""
    monkeypatch.chdir(tmp_path)

    def write(name, text):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)

    def plan(text, *settings, recipe="own/recipe.yaml", **files):
        write("shared/base.yaml", BASE)
        write("shared/code.py", "def half(n): return n / 2\n")
        write("shared/numbers.json", "[1]")
        write("shared/data/numbers.json", "[1, 2]")
        write("own/numbers.json", "[1, 2, 3]")
        write("own/data/numbers.json", "[1, 2, 3, 4]")
        write(recipe, HEAD + text)
        loaded = recipec.load_recipe(recipe, settings)
        return recipec.compile_recipe(loaded, catalog=toys, store="store")

    return plan


def file(compilation):
    node = compilation.plan.node("data.train")
    return node.params["file"], node.outputs["samples"].count


EXTENDS = "extends: ../shared/base.yaml\n"


def test_a_file_of_a_base_is_beside_the_base(planned):
    compilation = planned(EXTENDS)
    assert file(compilation) == ("../shared/numbers.json", 1)
    assert compilation.plan.node("model").params["code"] == "../shared/code.py:half"


def test_a_file_of_the_recipe_is_beside_the_recipe(planned):
    over = "data: {train: {with: {file: data/numbers.json}}}\n"
    assert file(planned(EXTENDS + over)) == ("data/numbers.json", 4)


def test_a_path_begins_where_its_beginning_is_written(planned):
    """A variable of the recipe is meant as seen from the recipe, also in a parameter of a base."""
    assert file(planned(EXTENDS + "vars: {samples: numbers.json}\n")) == ("numbers.json", 3)
    within = 'data: {train: {with: {file: "${vars.folder}/numbers.json"}}}\n'
    assert file(planned(EXTENDS + within)) == ("../shared/data/numbers.json", 2)
    own = 'data: {train: {with: {file: "./${vars.folder}/numbers.json"}}}\n'
    assert file(planned(EXTENDS + own)) == ("./data/numbers.json", 4)


def test_what_is_given_on_the_command_line_is_seen_from_the_recipe(planned, monkeypatch):
    assert file(planned(EXTENDS, "samples=data/numbers.json")) == ("data/numbers.json", 4)
    monkeypatch.setenv("DATA", "data/numbers.json")
    by_environment = EXTENDS + 'vars: {samples: "${env:DATA}"}\n'
    assert file(planned(by_environment)) == ("data/numbers.json", 4)


def test_absolute_paths_stay(planned, tmp_path):
    path = str(tmp_path / "shared" / "data" / "numbers.json")
    assert file(planned(EXTENDS + f"vars: {{samples: {path}}}\n")) == (path, 2)


def test_files_beside_a_packaged_recipe_are_found(planned, tmp_path, monkeypatch):
    package = tmp_path / "site" / "acme_recipes"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('not needed')\n")
    (package / "base.yaml").write_text(BASE)
    (package / "code.py").write_text("def half(n): return n / 2\n")
    (package / "numbers.json").write_text("[1, 2, 3, 4, 5]")
    monkeypatch.syspath_prepend(os.fspath(tmp_path / "site"))
    found, count = file(planned("extends: 'acme_recipes:base.yaml'\n"))
    assert (Path(found), count) == (package / "numbers.json", 5)


def test_where_code_is_makes_no_other_key(planned):
    """The same files, in the recipe itself and extended from another folder."""
    apart = planned(EXTENDS).plan
    alone = planned(BASE.partition("\n")[2], recipe="shared/recipe.yaml").plan
    for node in apart.nodes:
        assert node.ingredients == alone.node(node.id).ingredients


def test_a_missing_file_is_told_where_it_is_named(planned):
    with pytest.raises(recipec.RecipeError) as caught:
        planned(EXTENDS + "vars: {samples: nombers.json}\n")
    (problem,) = caught.value.diagnostics
    assert (problem.code, problem.hint) == ("missing-file", "did you mean 'numbers.json'?")
    assert str(problem.span) == "shared/base.yaml:4:49"
    assert "own/recipe.yaml:4:17" in problem.origin
