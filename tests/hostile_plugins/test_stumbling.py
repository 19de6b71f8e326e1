"""What plugins raise where nobody expects it is told as theirs, not as a bug in recipec."""

import pytest

from hostile_plugins.conftest import results, stage
from recipec import RecipeError, StageError
from toys.bench import TOY_RECIPE

WHO = "plugin 'stumbling' (recipec-stumbling 1.2) raised"
METERED = TOY_RECIPE.replace("metrics: [numbers, right]", "metrics: [numbers, right, stumbles]")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (stage("stumbling.params", "odd"), "KeyError: 'odd'"),
        (METERED, "ArithmeticError: no names"),
    ],
)
def test_while_planning(hostile, peaceful, text, said):
    bench = hostile("stumbling")
    with pytest.raises(RecipeError) as refused:
        bench.compile(text)
    (problem,) = refused.value.diagnostics
    assert (problem.code, problem.message) == ("operator-failed", f"{WHO} {said}")
    assert results(bench.run()) == peaceful


def test_while_running(hostile, peaceful):
    bench = hostile("stumbling")
    with pytest.raises(StageError) as failed:
        bench.run(stage("stumbling.facts"))
    (problem,) = failed.value.diagnostics
    assert problem.message == f"{WHO} LookupError: nothing to compare with"
    assert results(bench.run()) == peaceful


def test_the_command_line_names_the_plugin(hostile):
    bench = hostile("stumbling")
    bench.write(METERED)
    told = bench.cli("compile", "recipe.yaml", "--dry-run")
    assert told.returncode == 1
    assert WHO in told.stderr
    assert "bug in recipec" not in told.stderr
