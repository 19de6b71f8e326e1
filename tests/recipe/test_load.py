"""Recipes are composed, then validated once; what is wrong is told at its place."""

import pytest

from recipec import RecipeError, UsageError
from recipec.recipe import load_recipe, parse_recipe
from toys.bench import TOY_RECIPE


def load(text, *settings, environment=None, folder="."):
    from pathlib import Path

    return parse_recipe(text.encode(), "r.yaml", Path(folder), settings, environment or {})


def problems(text, *settings, **options):
    with pytest.raises((RecipeError, UsageError)) as caught:
        load(text, *settings, **options)
    return caught.value.diagnostics


WITH_VARIABLES = """\
apiVersion: recipec/v1
name: toy
vars:
  factor: 2
  amount: {default: 0.5, min: 0.1, max: 0.9, description: share that leaves}
model: {uses: toys.model}
stages:
  - {id: big, uses: toys.scale, with: {factor: "${vars.factor}"}}
  - {id: small, uses: toys.drop, with: {amount: "${vars.amount}", note: "x${vars.amount}"}}
"""


def test_a_lookup_keeps_the_type_of_its_value():
    stages = load(WITH_VARIABLES).spec.stages
    assert stages[0].with_ == {"factor": 2}
    assert stages[1].with_ == {"amount": 0.5, "note": "x0.5"}


def test_a_setting_changes_a_variable_by_its_short_or_full_name():
    for setting in ("factor=3", "vars.factor=3"):
        assert load(WITH_VARIABLES, setting).spec.stages[0].with_ == {"factor": 3}


def test_a_setting_reaches_a_stage_by_its_id():
    changed = load(WITH_VARIABLES, "stages.small.with.amount=0.25").spec.stages[1]
    assert changed.with_["amount"] == 0.25


def test_a_variable_has_bounds():
    (problem,) = problems(WITH_VARIABLES, "amount=0.95")
    assert problem.code == "variable-bounds"
    assert problem.span.file == "--set amount=0.95"


def test_a_looked_up_value_says_where_it_came_from():
    place = load(WITH_VARIABLES).place(("stages", 0, "with", "factor"))
    assert place.origin == "from vars.factor at r.yaml:4:11; change it with --set factor=…"


def test_lookups_in_the_environment_have_defaults():
    text = TOY_RECIPE.replace("factor: 2", 'factor: "${env:FACTOR:-7}"')
    assert load(text).spec.stages[0].with_["factor"] == "7"
    assert load(text, environment={"FACTOR": "8"}).spec.stages[0].with_["factor"] == "8"


def test_a_dollar_is_written_twice():
    text = TOY_RECIPE.replace("name: toy", "name: toy\ndescription: 'costs $${5}'")
    assert load(text).spec.description == "costs ${5}"


@pytest.mark.parametrize(
    ("old", "new", "code", "hint"),
    [
        ("name: toy", "nam: toy", "unknown-key", "did you mean 'name'?"),
        ("uses: toys.pack", "use: toys.pack", "unknown-key", "did you mean 'uses'?"),
        ("baseline: big", "baseline: bog", "unknown-stage", "did you mean 'big'?"),
        ("data: test,", "data: tset,", "unknown-data", "did you mean 'test'?"),
        ("min_ratio: 2x", "min_ratio: 2", "invalid-value", "write '2x'"),
        ("id: small", "id: big", "duplicate-id", "the other is in line 10; ids are unique"),
        ("id: small", "id: model", "invalid-value", None),
        ("recipec/v1", "recipec/v0", "api-version", "this version reads recipec/v1"),
        ("factor: 2", 'factor: "${vars.no}"', "unknown-variable", None),
        ("factor: 2", 'factor: "${1+1}"', "unknown-lookup", None),
        ("outputs: [packed]", "outputs: []\nthreads: 0", "invalid-value", None),
    ],
)  # fmt: skip
def test_one_mistake_is_one_error_with_a_hint(old, new, code, hint):
    told = problems(TOY_RECIPE.replace(old, new))
    assert [problem.code for problem in told] == [code]
    if hint:
        assert told[0].hint.startswith(hint)
    assert told[0].span.line > 0


def test_independent_mistakes_are_told_at_once():
    text = TOY_RECIPE.replace("name: toy", "nam: toy\nname: toy").replace(
        "min_ratio: 2x", "min_ration: 2x"
    )
    assert len(problems(text)) >= 2


def test_extension_keys_and_the_schema_key_are_free():
    load("$schema: ../schemas/recipe.v1.schema.json\nx-owner: me\n" + TOY_RECIPE)


def test_a_missing_recipe_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="can't be read"):
        load_recipe(tmp_path / "no.yaml")


@pytest.mark.parametrize("setting", ["amount", "=3", "stages.nobody.with.x=1", "name.x.y=1"])
def test_a_bad_setting_is_a_usage_error(setting):
    with pytest.raises(UsageError):
        load(WITH_VARIABLES, setting)
