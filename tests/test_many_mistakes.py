"""Of very many mistakes the first are told; of very long texts the beginning and the end."""

from itertools import count

import pytest

from recipec.diagnostics import MOST_ERRORS, MOST_LETTERS, RecipeError, error
from recipec.recipe.suggest import nearest_name, suggestion


def test_of_many_errors_the_first_are_told_and_that_there_are_more():
    problem = RecipeError(error("some-code", f"mistake {n}") for n in count())
    assert len(problem.diagnostics) == MOST_ERRORS + 1
    assert problem.diagnostics[-1].code == "more-errors"
    assert RecipeError([error("c", "m")] * MOST_ERRORS).diagnostics[-1].code == "c"


def test_a_long_message_keeps_its_beginning_and_its_end():
    said = RecipeError(error("c", "begin" + "x" * 10**6 + "end", hint="y" * 10**6)).diagnostics[0]
    assert len(said.message) < MOST_LETTERS + 50
    assert said.message.startswith("begin")
    assert said.message.endswith("end")
    assert len(said.hint) < MOST_LETTERS + 50


@pytest.mark.parametrize(
    "wrong",
    ["stage-1234", "tage-12345", "stgae-12345", "stage_12345", "stage-123456", "Stage-12345"],
)
def test_among_many_names_one_that_is_a_letter_away_is_found(wrong):
    names = {f"other-{n}" for n in range(10_000)} | {"stage-12345"}
    assert nearest_name(wrong, names) == "stage-12345"


def test_among_many_names_nothing_is_made_up():
    assert nearest_name("zzz", {f"stage-{n}" for n in range(10_000)}) is None


def test_a_text_of_pages_is_no_misspelt_name():
    assert suggestion("x" * 10**7, ["x" * 99], close=True) is None
