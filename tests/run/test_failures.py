"""A failing stage is one error at its place; what was made stays, and OUT is as it was."""

import pytest

from recipec import StageError, UsageError
from toys.bench import TOY_RECIPE


def with_crash(how):
    return TOY_RECIPE.replace("uses: toys.pack", f"uses: toys.crash, with: {{how: {how}}}")


def failure(bench, text):
    with pytest.raises(StageError) as caught:
        bench.run(text)
    (problem,) = caught.value.diagnostics
    return problem


def test_an_operator_says_what_is_wrong_at_its_parameter(bench):
    problem = failure(bench, with_crash("error"))
    assert problem.message == "packed (toys.crash): it can't be done"
    assert problem.span.source[problem.span.column - 1 :].startswith("error")
    assert problem.hint == "don't"


def test_an_operator_that_raises_anything_fails_its_stage(bench):
    problem = failure(bench, with_crash("bug"))
    assert problem.message == "packed (toys.crash) failed: ZeroDivisionError: division by zero"
    assert problem.span.line == 12


def test_an_operator_that_makes_nothing_fails(bench):
    assert "made no 'model'" in failure(bench, with_crash("nothing")).message


def test_an_operator_that_makes_something_else_is_named(bench):
    problem = failure(bench, TOY_RECIPE.replace("uses: toys.pack", "uses: toys.lie"))
    assert "toys.lie made something other than planned" in problem.message
    assert "numbers: planned 4, made 1" in problem.message


def test_stages_before_the_failure_are_reused_and_the_failure_is_not_stored(bench):
    failure(bench, with_crash("error"))
    planned = bench.compile(with_crash("error")).plan
    assert {n.id: n.action for n in planned.stages} == {
        "model": "reuse", "big": "reuse", "small": "reuse", "packed": "run"
    }  # fmt: skip
    assert list((bench.folder / "store" / "v1" / "staging").iterdir()) == []


def test_out_is_as_it_was_after_a_failure(bench):
    bench.run()
    before = sorted((p, p.read_bytes()) for p in (bench.folder / "out").rglob("*") if p.is_file())
    failure(bench, with_crash("error"))
    after = sorted((p, p.read_bytes()) for p in (bench.folder / "out").rglob("*") if p.is_file())
    assert after == before
    assert not [p for p in bench.folder.iterdir() if p.name.startswith(".out")]


def test_a_first_failure_leaves_no_out(bench):
    failure(bench, with_crash("error"))
    assert not (bench.folder / "out").exists()


def test_a_folder_that_is_no_run_is_not_replaced(bench):
    (bench.folder / "out").mkdir()
    (bench.folder / "out" / "thesis.tex").write_text("dear")
    with pytest.raises(UsageError, match="other than a run"):
        bench.run()
    assert (bench.folder / "out" / "thesis.tex").read_text() == "dear"


def test_a_promised_output_that_is_blocked_is_an_error_before_anything_runs(bench):
    text = TOY_RECIPE.replace("uses: toys.pack", "uses: toys.accelerate")
    assert not bench.compile(text).runnable
    problem = failure(bench, text)
    assert problem.message == (
        "packed is promised and can't be made on this machine: needs accelerator>=2 (buy one)"
    )
    assert not (bench.folder / "store").exists()


def test_a_blocked_stage_that_nobody_promised_is_left_out(bench):
    text = TOY_RECIPE.replace(
        "outputs:", "  - {id: fast, uses: toys.accelerate, needs: small}\noutputs:"
    )
    record = bench.run(text)
    assert record.stage("fast").status == "blocked"
    assert [u.reason for u in record.unmeasured if u.stage == "fast"] == [
        "blocked: needs accelerator>=2 (buy one)",
        "blocked: needs accelerator>=2 (buy one)",
    ]
