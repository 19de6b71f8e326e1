"""What `run()` mustn't return or raise: an error at the stage, and nothing of it is kept."""

import pytest

from hostile_plugins.conftest import results, stage
from recipec import StageError

SAID = {
    "nothing": ("operator-failed", "run() of running.run returned None, not a StageResult"),
    "metrics": ("operator-failed", "a StageResult whose metrics has {'accuracy': 1.0}"),
    "notes": ("operator-failed", "a StageResult whose notes is 'all went well', not a tuple"),
    "outputs": ("operator-failed", "a StageResult whose outputs['model'] is {'numbers': 8}"),
    "other facts": ("contradiction", "numbers: planned 4, made 3"),
    "no file": ("contradiction", "it made no 'model'"),
    "exit": ("stage-failed", "failed: SystemExit: 0"),
}


@pytest.mark.parametrize("apart", [False, True], ids=["here", "apart"])
@pytest.mark.parametrize("how", SAID)
def test_a_result_that_is_none_is_an_error_and_the_rest_is_kept(hostile, peaceful, how, apart):
    bench = hostile("running")
    more = {"isolation": "process"} if apart else {}
    with pytest.raises(StageError) as failed:
        bench.run(stage("running.run", how, **more))
    (problem,) = failed.value.diagnostics
    assert problem.code == SAID[how][0]
    assert SAID[how][1] in problem.message
    assert problem.span.line == 13
    if problem.code != "stage-failed":
        assert "a mistake in plugin 'running' (recipec-running 1.2)" in problem.hint
    assert not (bench.folder / "out").exists()
    record = bench.run()
    assert results(record) == peaceful
    assert {stage.status for stage in record.stages if stage.id != "packed"} == {"reused"}
