"""Presets: named overlays, chosen when the recipe is compiled."""

PRESETS = """\
vars: {amount: 0.5}
stages:
  - {id: small, with: {amount: "${vars.amount}"}}
presets:
  light: {vars: {amount: 0.25}}
  short: {stages: [{id: packed, remove: true}]}
  longer: {stages: [{id: again, uses: toys.scale, after: big}], description: with one more}
  seeded: {seed: 3}
  reseeded: {seed: 4}
"""


def test_nothing_is_applied_unasked(recipes):
    recipe = recipes.over(PRESETS)
    assert recipes.parameters(recipe)["small"] == {"amount": 0.5}
    assert "packed" in recipes.parameters(recipe)


def test_presets_are_merged_as_a_file_that_extends_the_recipe(recipes):
    recipe = recipes.over(PRESETS, presets=["light", "short", "longer"])
    assert list(recipes.parameters(recipe)) == ["big", "again", "small"]
    assert recipes.parameters(recipe)["small"] == {"amount": 0.25}
    assert recipe.spec.description == "with one more"
    assert recipe.spec.name == "toy"


def test_they_are_applied_in_the_order_in_which_they_are_named(recipes):
    assert recipes.over(PRESETS, presets=["seeded", "reseeded"]).spec.seed == 4
    assert recipes.over(PRESETS, presets=["reseeded", "seeded"]).spec.seed == 3


def test_settings_win_over_presets(recipes):
    recipe = recipes.over(PRESETS, "amount=0.75", presets=["light"])
    assert recipes.parameters(recipe)["small"] == {"amount": 0.75}


def test_presets_are_inherited_and_a_file_may_add_to_one(recipes):
    recipes.write("middle.yaml", "apiVersion: recipec/v1\nextends: base.yaml\n" + PRESETS)
    text = "apiVersion: recipec/v1\nname: toy\nextends: middle.yaml\n"
    text += "presets: {light: {seed: 9}}\n"
    recipe = recipes.load(text, presets=["light"])
    assert recipes.parameters(recipe)["small"] == {"amount": 0.25}
    assert recipe.spec.seed == 9


def test_a_value_says_which_preset_it_is_from(recipes):
    place = recipes.over(PRESETS, presets=["seeded"]).place(("seed",))
    assert place.origin == "from preset 'seeded' at recipe.yaml:11"


def test_an_unknown_preset_is_told_with_the_nearest(recipes):
    (problem,) = recipes.problems(recipes.over, PRESETS, presets=["lihgt"])
    assert (problem.code, problem.hint) == ("unknown-preset", "did you mean 'light'?")
    (problem,) = recipes.problems(recipes.over, "", presets=["light"])
    assert problem.hint == "the recipe has no presets"
    (problem,) = recipes.problems(recipes.over, PRESETS, presets=["light", "light"])
    assert problem.message == "--preset light is given twice"


def test_presets_that_are_not_chosen_are_checked_too(recipes):
    broken = PRESETS.replace("seed: 4", "sede: 4").replace("id: packed", "id: pakced")
    told = recipes.problems(recipes.over, broken)
    assert [(problem.code, problem.span.line) for problem in told] == [("unknown-key", 12)]
    told = recipes.problems(recipes.over, PRESETS.replace("id: packed", "id: pakced"))
    assert [(problem.code, problem.span.line) for problem in told] == [("unknown-stage", 9)]


def test_a_preset_may_change_what_another_adds(recipes):
    text = PRESETS + "  more: {stages: [{id: again, with: {factor: 7}}]}\n"
    recipe = recipes.over(text, presets=["longer", "more"])
    assert recipes.parameters(recipe)["again"] == {"factor": 7}
    (problem,) = recipes.problems(recipes.over, text, presets=["more"])
    assert problem.code == "unknown-stage"


def test_an_inherited_preset_may_be_about_what_the_recipe_has_removed(recipes):
    recipes.write("middle.yaml", "apiVersion: recipec/v1\nextends: base.yaml\n" + PRESETS)
    text = "apiVersion: recipec/v1\nname: toy\nextends: middle.yaml\n"
    text += "stages: [{id: packed, remove: true}]\n"
    recipes.load(text)
    (problem,) = recipes.problems(recipes.load, text, presets=["short"])
    assert (problem.code, str(problem.span)) == ("unknown-stage", "middle.yaml:8:25")
