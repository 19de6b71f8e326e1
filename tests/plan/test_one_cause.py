"""One mistake is one error, however much of the recipe it touches, and says what to write."""

import pytest

import recipec
from recipec.diagnostics import RecipeError
from toys.bench import TOY_RECIPE

SIX_USES = TOY_RECIPE.replace(
    "  - {id: packed, uses: toys.pack}\n",
    "".join(
        f"  - {{id: s{n}, uses: toys.scale, needs: small, with: {{data: train}}}}\n"
        for n in range(5)
    )
    + "  - {id: packed, uses: toys.pack, needs: small}\n",
)


def told(bench, recipe):
    with pytest.raises(RecipeError) as caught:
        bench.compile(recipe)
    return caught.value.diagnostics


def test_a_misspelt_name_of_data_that_six_stages_use(bench):
    (only,) = told(bench, SIX_USES.replace("  train:", "  trian:"))
    assert (only.code, only.message) == ("unknown-data", "there is no data 'train'")
    assert only.span.line == 10
    assert only.hint == "did you mean 'trian'? it is named in lines 12, 13, 14, 15, 16, too"


def test_a_misspelt_id_of_a_stage_that_others_need(bench):
    recipe = SIX_USES.replace("{id: small,", "{id: smal,")
    (only,) = told(bench, recipe)
    assert only.message == "there is no stage 'small'"
    assert only.hint.startswith("did you mean 'smal'?")


def test_two_misspelt_names_are_two_errors(bench):
    recipe = SIX_USES.replace("  train:", "  trian:").replace("{id: small,", "{id: smal,")
    assert {d.message for d in told(bench, recipe)} >= {"there is no stage 'small'"}
    recipe = SIX_USES.replace("data: train}", "data: treno}", 1).replace("data: train}", "data: x}")
    assert [d.message for d in told(bench, recipe)] == [
        "there is no data 'treno'",
        "there is no data 'x'",
    ]


def test_what_an_evaluator_says_of_every_model_is_told_once(bench, monkeypatch):
    def refuse(self, inputs, context):
        raise recipec.api.OperatorError("a score needs labels")

    monkeypatch.setattr("toys.operators.Right.plan", refuse)
    (only,) = told(bench, TOY_RECIPE)
    assert only.message == "big.toys.right (toys.right): a score needs labels"


def test_where_a_stage_can_not_take_a_model_its_measurement_is_not_blamed_too(bench, monkeypatch):
    def refuse(self, inputs, context):
        raise recipec.api.OperatorError(f"a model of {inputs[next(iter(inputs))].numbers} numbers")

    monkeypatch.setattr("toys.operators.Pack.plan", refuse)
    monkeypatch.setattr("toys.operators.Right.plan", refuse)
    messages = [d.message for d in told(bench, TOY_RECIPE)]
    assert messages == [
        "packed (toys.pack): a model of 4 numbers",
        "big.toys.right (toys.right): a model of 8 numbers",
    ]


def test_a_stage_of_a_wrong_kind_is_answered_with_those_that_fit(bench):
    recipe = TOY_RECIPE.replace(
        "outputs:", "  - {id: again, uses: toys.scale, needs: packed}\noutputs:"
    )
    (only,) = told(bench, recipe)
    assert only.code == "kinds-dont-meet"
    assert only.hint == "stages that make it: model, big, small"
