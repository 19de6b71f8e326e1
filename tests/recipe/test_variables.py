"""Variables: types, bounds, and where their values come from."""

from pathlib import Path

import pytest

import recipec
from recipec.recipe import parse_recipe

RECIPE = """\
apiVersion: recipec/v1
name: toy
vars:
  v: {declaration}
model: {{uses: toys.model}}
stages: [{{id: big, uses: toys.scale, with: {{factor: "${{vars.v}}"}}}}]
"""


def value(declaration, *settings, environment=None):
    text = RECIPE.format(declaration=declaration)
    recipe = parse_recipe(text.encode(), "r.yaml", Path(), settings, environment or {})
    return recipe.spec.stages[0].with_["factor"]


def problem(declaration, *settings, environment=None):
    with pytest.raises(recipec.RecipeError) as caught:
        value(declaration, *settings, environment=environment)
    (told,) = caught.value.diagnostics
    return told


@pytest.mark.parametrize(
    ("type", "given", "read"),
    [
        ("string", "007", "007"),
        ("string", "true", "true"),
        ("string", "", ""),
        ("number", "2", 2),
        ("number", "1e-4", 1e-4),
        ("integer", "12", 12),
        ("boolean", "true", True),
        ("list", "[1, 2]", [1, 2]),
        ("mapping", "{a: 1}", {"a": 1}),
    ],
)
def test_a_type_says_how_text_is_read(type, given, read):
    """On the command line and in the environment there is only text."""
    declaration = f'{{type: {type}, default: "${{env:V}}"}}'
    assert value(declaration, environment={"V": given}) == read
    assert value(declaration, f"v={given}", environment={"V": "[]"}) == read
    fallback = f'{{type: {type}, default: "${{env:V:-{given}}}"}}'
    if "}" not in given:
        assert value(fallback) == read


@pytest.mark.parametrize(
    ("type", "wrong"),
    [
        ("string", "5"),
        ("number", "'5'"),
        ("number", "true"),
        ("integer", "5.0"),
        ("boolean", "1"),
        ("boolean", "'true'"),
        ("list", "5"),
        ("mapping", "[a]"),
        ("string", "null"),
    ],
)
def test_a_value_of_another_type_is_an_error_at_its_place(type, wrong):
    told = problem(f"{{type: {type}, default: {wrong}}}")
    assert told.code == "variable-type"
    assert told.span.line == 4


@pytest.mark.parametrize(
    ("declaration", "given"),
    [("{type: number, default: 1}", "v=much"), ("{type: integer, default: 1}", "v=1.5")],
)
def test_a_setting_of_another_type_is_an_error_in_the_setting(declaration, given):
    told = problem(declaration, given)
    assert told.code == "variable-type"
    assert (told.span.file, told.span.column) == (f"--set {given}", 3)
    assert told.hint == "vars.v is declared at r.yaml:4"


def test_text_of_the_environment_that_is_no_number_says_so():
    told = problem('{type: number, default: "${env:V}"}', environment={"V": "much"})
    assert told.message == "v should be a number, not 'much'"
    assert told.origin == "from the environment variable V"


def test_a_value_without_a_type_stays_as_it_is():
    assert value("2") == 2
    assert value("{a: 1, min: 2}") == {"a": 1, "min": 2}
    assert value("{default: {type: x}}") == {"type": "x"}
    assert value('"${env:V}"', environment={"V": "8"}) == "8"


@pytest.mark.parametrize(
    ("declaration", "message"),
    [
        ("{default: 5, max: 4}", "v must be at most 4, not 5"),
        ("{default: 5, min: 5.5}", "v must be at least 5.5, not 5"),
        ("{default: .nan, min: 0}", "v must be at least 0, not .nan"),
        ("{default: a, min: 0}", "v must be at least 0, not 'a'"),
        ("{default: true, max: 3}", "v must be at most 3, not true"),
        ("{default: c, choices: [a, b]}", "v can't be 'c'; it is one of: 'a', 'b'"),
        ("{default: true, choices: [1, 2]}", "v can't be true; it is one of: 1, 2"),
    ],
)
def test_bounds_and_choices_hold(declaration, message):
    told = problem(declaration)
    assert (told.code, told.message) == ("variable-bounds", message)


def test_a_variable_without_a_default_must_be_given():
    declaration = "{type: number, description: how much}"
    told = problem(declaration)
    assert (told.code, told.hint) == ("missing-variable", "give one with --set v=… (how much)")
    assert value(declaration, "v=3") == 3


def test_a_plain_value_over_a_declaration_is_its_new_default(recipes):
    recipes.write("base.yaml", RECIPE.format(declaration="{type: number, default: 2, max: 5}"))
    assert recipes.parameters(recipes.over("vars: {v: 3}\n"))["big"] == {"factor": 3}
    (told,) = recipes.problems(recipes.over, "vars: {v: 6}\n")
    assert (str(told.span), told.hint) == (
        "recipe.yaml:4:11",
        "vars.v is declared at base.yaml:4",
    )
    recipe = recipes.over("vars: {v: {max: 9, default: 6}}\n")
    assert recipes.parameters(recipe)["big"] == {"factor": 6}


def test_variables_look_each_other_up_in_any_order():
    text = RECIPE.replace("  v: {declaration}", '  v: "${{vars.w}}"\n  w: "${{vars.x}}0"\n  x: 4')
    recipe = parse_recipe(text.format().encode(), "r.yaml", Path(), (), {})
    assert recipe.spec.stages[0].with_["factor"] == "40"


def test_a_long_chain_of_variables_is_followed():
    chain = "".join(f'  v{n}: "${{vars.v{n + 1}}}"\n' for n in range(3000))
    text = RECIPE.format(declaration='"${vars.v0}"').replace(
        "model:", f"{chain}  v3000: 5\nmodel:", 1
    )
    recipe = parse_recipe(text.encode(), "r.yaml", Path(), (), {})
    assert recipe.spec.stages[0].with_["factor"] == 5


def test_to_look_up_a_variable_with_a_problem_is_no_second_problem():
    text = RECIPE.format(declaration='"${vars.w}"').replace(
        "model:", "  w: {type: number, default: a}\nmodel:", 1
    )
    with pytest.raises(recipec.RecipeError) as caught:
        parse_recipe(text.encode(), "r.yaml", Path(), (), {})
    assert [(d.code, d.span.line) for d in caught.value.diagnostics] == [("variable-type", 5)]


def test_a_variable_that_nothing_looks_up_is_remarked(recipes):
    recipe = recipes.over("vars: {idle: 1}\n")
    (warning,) = recipe.warnings
    assert (warning.code, warning.severity.value) == ("unused-variable", "warning")
    assert str(warning.span) == "recipe.yaml:4:8"
    recipes.write("base.yaml", (recipes.folder / "base.yaml").read_text() + "vars: {idle: 1}\n")
    assert recipes.over("").warnings == ()


def test_values_that_look_ups_multiply_are_bounded():
    doubled = "".join(f'  a{n + 1}: ["${{vars.a{n}}}", "${{vars.a{n}}}"]\n' for n in range(40))
    text = RECIPE.format(declaration='"${vars.a40}"').replace(
        "model:", f"  a0: [1]\n{doubled}model:", 1
    )
    with pytest.raises(recipec.RecipeError) as caught:
        parse_recipe(text.encode(), "r.yaml", Path(), (), {})
    assert {d.code for d in caught.value.diagnostics} == {"too-large"}
    grown = "".join(f'  a{n + 1}: "${{vars.a{n}}}${{vars.a{n}}}"\n' for n in range(40))
    text = RECIPE.format(declaration='"${vars.a40}"').replace(
        "model:", f"  a0: abcd\n{grown}model:", 1
    )
    with pytest.raises(recipec.RecipeError) as caught:
        parse_recipe(text.encode(), "r.yaml", Path(), (), {})
    assert {d.code for d in caught.value.diagnostics} == {"too-large"}
