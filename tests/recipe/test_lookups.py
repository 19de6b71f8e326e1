"""`${…}`: what look-ups stand for, and where their values say they are from."""

from pathlib import Path

import pytest

import recipec
from recipec.recipe import parse_recipe

RECIPE = """\
apiVersion: recipec/v1
name: toy
vars: {{amount: 0.5, several: [1, 2], nothing: null, yes: true}}
model: {{uses: toys.model}}
data: {{train: {{uses: toys.numbers}}}}
stages:
  - {{id: big, uses: toys.scale}}
  - {{id: small, uses: toys.drop, with: {{x: {text}}}}}
"""
HOME = {"HOME": "/home/me", "EMPTY": ""}


def load(text, environment=None):
    whole = RECIPE.format(text=text).encode()
    return parse_recipe(whole, "r.yaml", Path(), (), HOME if environment is None else environment)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"${vars.amount}"', 0.5),
        ('"${ vars.amount }"', 0.5),
        ('"${vars.several}"', [1, 2]),
        ('"${vars.nothing}"', None),
        ('"is ${vars.amount}, ${vars.yes}, ${vars.nothing}."', "is 0.5, true, ."),
        ('"${env:HOME}"', "/home/me"),
        ('"${env:HOME}/x"', "/home/me/x"),
        ('"${env:EMPTY:-z}"', ""),
        ('"${env:NO:-a b}"', "a b"),
        ('"${env:NO:-}"', ""),
        ('"${vars.no:-7}"', "7"),
        ('"${stages.big}"', "big"),
        ('"${stages.model}"', "model"),
        ('"after ${stages.small}"', "after small"),
        ('"${data.train}"', "train"),
        ('"${data.no:-none}"', "none"),
        ('"$${vars.amount}"', "${vars.amount}"),
        ('"$${a} ${vars.amount}"', "${a} 0.5"),
        ('"$5 {a} $"', "$5 {a} $"),
        ('["${vars.amount}", {a: "${stages.big}"}]', [0.5, {"a": "big"}]),
    ],
)
def test_what_a_look_up_stands_for(text, value):
    assert load(text).spec.stages[1].with_["x"] == value


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        ('"${vars.amuont}"', "unknown-variable", "did you mean 'amount'?"),
        ('"${env:NO}"', "unknown-variable", "set it, or give a default: ${env:NO:-…}"),
        ('"${stages.bog}"', "unknown-stage", "did you mean 'big'?"),
        ('"${data.trian}"', "unknown-data", "did you mean 'train'?"),
        ('"${amount}"', "unknown-lookup", "did you mean ${vars.amount}?"),
        ('"${var.amount}"', "unknown-lookup", "did you mean ${vars.amount}?"),
        ('"${env.HOME}"', "unknown-lookup", "write ${vars.NAME}, "),
        ('"${}"', "unknown-lookup", "write ${vars.NAME}, "),
        ('"${vars.amount"', "unknown-lookup", "write ${vars.NAME}; "),
        ('"${vars.no:-${vars.amount}}"', "unknown-lookup", "give a variable "),
        ('"a ${vars.several}"', "unknown-lookup", "write it alone: ${vars.several}, "),
    ],
)
def test_what_leads_nowhere_is_an_error_with_the_nearest(text, code, hint):
    with pytest.raises(recipec.RecipeError) as caught:
        load(text)
    (problem,) = caught.value.diagnostics
    assert problem.code == code
    assert problem.hint.startswith(hint)


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ('"${vars.amount}"', "from vars.amount at r.yaml:3:16; change it with --set amount=…"),
        ('"${env:HOME}"', "from the environment variable HOME"),
        ('"${env:NO:-x}"', "from the default, as the environment has no NO"),
        ('"${stages.big}"', None),
        (
            '"${vars.amount}${env:HOME}"',
            "from vars.amount at r.yaml:3:16; change it with --set amount=…; "
            "from the environment variable HOME",
        ),
    ],
)
def test_a_looked_up_value_says_where_it_is_from(text, origin):
    place = load(text).place(("stages", 1, "with", "x"))
    assert place.origin == origin
    assert place.value.line == 8


def test_what_was_asked_of_the_environment_is_known():
    assert load('"${env:HOME}${env:NO:-x}"').asked == {"HOME": "/home/me", "NO": None}
