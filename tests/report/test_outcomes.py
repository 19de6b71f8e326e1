"""Every way a run can end is plain to read, from the top of the page."""

from __future__ import annotations

from typing import Any

import pytest

from recipec.report import render_html, render_markdown
from recipec.report.view import view
from recipec.run.record import RunRecord, StageRecord


def without_results(stage: StageRecord, **changes: Any) -> StageRecord:
    gone = {"made": {}, "digests": {}, "sizes": {}, "metrics": ()}
    return stage.model_copy(update={**gone, **changes})


def test_a_run_that_is_done_says_what_it_made(done: RunRecord) -> None:
    report = view(done)
    assert report.status.badge.word == "done"
    assert report.status.headline == "2 promised artifacts made. Gates: 2 passed."
    assert report.problems == report.missing_outputs == ()
    assert [str(bought.form.stage) for bought in report.came_out] == ["onnx", "engine"]


def test_a_failed_run_begins_with_the_stage_its_error_and_what_to_do(failed: RunRecord) -> None:
    report = view(failed)
    (problem,) = report.problems
    assert report.status.badge.tone == "bad"
    assert str(problem.what) == "stage int8 (quantize.static)"
    assert str(problem.message).startswith("quantize.static found nothing to quantize")
    assert str(problem.hint) == "write the selector as layer names: 'layer*'"
    assert report.stages[4].anchor == problem.anchor
    for text in (render_html(failed), render_markdown(failed)):
        assert text.index("found nothing to quantize") < text.index("Size on disk")
        assert "Not run after it: onnx, onnx-fp32, int8-trt, onnx-trt, engine." in text


def test_a_failed_run_promises_nothing_and_shows_what_was_made(failed: RunRecord) -> None:
    report = view(failed)
    assert [str(stage) for stage in report.missing_outputs] == ["onnx", "engine"]
    assert report.came_out == report.outputs == ()
    rows = {str(row.stage): row for row in report.measured.rows}
    assert rows["retrain"].cells[0].value == "189\u00a0kB"
    assert {str(cell.missing) for cell in rows["onnx"].cells} == {"not run"}
    assert {str(cell.missing) for cell in rows["int8"].cells} == {"failed"}


def test_a_failed_gate_stands_at_the_top(gate_failed: RunRecord) -> None:
    report = view(gate_failed)
    (problem,) = report.problems
    assert str(problem.what) == "gate on onnx: accuracy drop ≤ 1pp"
    assert problem.anchor == report.gates[0].anchor
    assert report.status.headline.endswith("Gates: 1 passed, 1 failed.")
    text = render_markdown(gate_failed)
    assert text.index("accuracy fell by 2.41pp") < text.index("Size on disk")


def test_an_inconclusive_gate_is_a_warning_and_no_failure(done: RunRecord) -> None:
    gate = done.gates[0].model_copy(update={"verdict": "inconclusive"})
    report = view(done.model_copy(update={"gates": (gate,)}))
    assert [problem.badge.tone for problem in report.problems] == ["warn"]
    assert report.status.badge.tone == "good"


def test_a_blocked_stage_is_named_with_what_it_needs(done: RunRecord) -> None:
    stages = list(done.stages)
    stages[9] = without_results(stages[9], status="blocked", reason="needs cuda")
    measured = tuple(m for m in done.measurements if m.inputs.get("subject") != "engine")
    changes = {"stages": tuple(stages), "measurements": measured, "unmeasured": ()}
    report = view(done.model_copy(update=changes))
    assert [str(problem.message) for problem in report.problems] == ["needs cuda"]
    assert {str(c.missing) for c in report.measured.rows[9].cells} == {"blocked: needs cuda"}


@pytest.mark.parametrize("run_status", ["done", "failed", "gate failed"])
@pytest.mark.parametrize("stage_status", ["ran", "reused", "failed", "blocked", "not run"])
def test_every_status_renders(done: RunRecord, run_status: str, stage_status: str) -> None:
    stages = tuple(
        without_results(stage, status=stage_status, error="it broke", seconds=0.0, key=None)
        for stage in done.stages
    )
    changes = {"status": run_status, "stages": stages, "outputs": (), "measurements": ()}
    record = done.model_copy(update=changes)
    assert f": {run_status}</title>" in render_html(record)
    assert f"seven-steps: {run_status}\n" in render_markdown(record)


def test_a_run_of_almost_nothing_renders(done: RunRecord) -> None:
    empty = done.model_copy(
        update={
            "stages": (),
            "measurements": (),
            "data": (),
            "gates": (),
            "outputs": (),
            "unmeasured": (),
            "diagnostics": (),
            "baseline": None,
            "resolved": {},
            "recipe": "",
            "environment": done.environment.model_copy(update={"packages": {}, "capabilities": {}}),
        }
    )
    assert "No stage makes a model." in render_html(empty)
    assert "# ✅ seven-steps: done" in render_markdown(empty)


def test_without_a_baseline_all_is_against_the_source_model(done: RunRecord) -> None:
    report = view(done.model_copy(update={"baseline": None}))
    assert str(report.measured.against) == "model"
    prune = report.measured.rows[2].cells[0].change
    assert prune is not None
    assert prune.text == "3.76× smaller"
    # The ratio of latencies was measured against `trained`: it is no ratio to `model`.
    assert report.measured.rows[2].cells[-1].change is None
