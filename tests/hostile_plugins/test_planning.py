"""What `plan()` mustn't return is one error at the stage, with the plugin and its version."""

import pytest

from hostile_plugins.conftest import stage
from recipec import RecipeError

SAID = {
    "nothing": "plan() of planning.plan returned None, not a StagePlan",
    "mapping": "returned {'model': ToyFacts(",
    "effects": "a StagePlan whose effects is 'it shrinks', not a tuple",
    "work": "a StagePlan whose work is 'a lot'",
    "changed": "a StagePlan whose changed['layers'] is 'some'",
    "requires": "a StagePlan whose requires has 'cuda'",
    "outputs": "a StagePlan whose outputs['model'] is 'a model'",
    "other": "planned outputs ['other'] and declares ['model']",
    "unoffered": "planned 'model' as planning.unoffered, a kind that no plugin offers",
    "raise": "planning.plan raised ZeroDivisionError: division by zero",
    "exit": "planning.plan raised SystemExit: not today",
}


@pytest.mark.parametrize("how", SAID)
def test_a_plan_that_is_none_is_an_error_at_its_stage(hostile, how):
    bench = hostile("planning")
    with pytest.raises(RecipeError) as refused:
        bench.compile(stage("planning.plan", how))
    (problem,) = refused.value.diagnostics
    assert SAID[how] in problem.message
    assert problem.code == "operator-failed"
    assert problem.span.line == 13
    assert problem.hint == (
        "this is a mistake in plugin 'planning' (recipec-planning 1.2); please report it"
    )
