"""A stage that changes nothing fails, at plan time where that is known; a recipe may allow it."""

import pytest

from recipec import RecipeError, StageError
from toys.bench import TOY_RECIPE


def clearing(how, beside=""):
    return TOY_RECIPE.replace("uses: toys.pack", f"uses: toys.clear, with: {{{how}}}{beside}")


def test_what_is_changed_is_planned_counted_and_recorded(bench):
    compiled = bench.compile(clearing("first: 2"))
    assert compiled.plan.node("packed").changed == {"numbers cleared": 2}
    record = bench.run(clearing("first: 2"))
    assert record.stage("packed").changed == {"numbers cleared": 2}


def test_nothing_changed_is_an_error_before_anything_runs(bench):
    with pytest.raises(RecipeError) as caught:
        bench.compile(clearing("first: 0"))
    (problem,) = caught.value.diagnostics
    assert problem.code == "nothing-changed"
    assert problem.message == "packed (toys.clear) changes nothing: 0 numbers cleared"
    assert problem.hint == (
        "choose another `first`; or allow it with `allow_unchanged: true` beside `uses:`"
    )
    assert problem.span.line == 12


def test_where_no_parameter_says_how_much_the_hint_names_none(bench):
    with pytest.raises(StageError) as caught:
        bench.run(TOY_RECIPE.replace("uses: toys.pack", "uses: toys.clear"))
    (problem,) = caught.value.diagnostics
    assert problem.hint.startswith("leave the stage out, or allow it")


def test_what_only_the_run_can_tell_fails_the_stage_and_is_not_kept(bench):
    text = clearing("below: -1000")
    with pytest.raises(StageError) as caught:
        bench.run(text)
    (problem,) = caught.value.diagnostics
    assert problem.code == "nothing-changed"
    assert bench.compile(text).plan.node("packed").action == "run"


def test_a_recipe_may_allow_a_stage_that_changes_nothing(bench):
    record = bench.run(clearing("below: -1000", ", allow_unchanged: true"))
    assert record.stage("packed").changed == {"numbers cleared": 0}


def test_what_one_recipe_allowed_is_an_error_in_one_that_does_not(bench):
    bench.run(clearing("below: -1000", ", allow_unchanged: true"))
    with pytest.raises(StageError) as caught:
        bench.run(clearing("below: -1000"))
    assert caught.value.diagnostics[0].code == "nothing-changed"


def test_an_operator_that_counts_other_than_planned_is_named(bench, monkeypatch):
    from toys import operators

    honest = operators.Clear.run
    monkeypatch.setattr(
        operators.Clear,
        "run",
        lambda self, inputs, context: honest(self, inputs, context)._replace(
            changed={"numbers cleared": 3}
        ),
    )
    with pytest.raises(StageError) as caught:
        bench.run(clearing("first: 2"))
    assert "numbers cleared: planned 2, made 3" in caught.value.diagnostics[0].message
