"""What must not go wrong however odd the situation: nothing stale, nothing lost, no false 0."""

import os

import pytest

import recipec
from recipec import RecipeError, StageError, UsageError
from toys.bench import TOY_RECIPE

WITH_CODE = TOY_RECIPE.replace("uses: toys.model", "uses: toys.model, with: {code: 'm.py:f'}")


def test_code_that_changes_while_it_runs_is_not_stored_under_the_old_key(bench):
    code = bench.folder / "m.py"
    code.write_text("f = 1\n")
    compilation = bench.compile(WITH_CODE)
    code.write_text("f = 22\n")
    with pytest.raises(StageError, match=r"m\.py changed while model ran"):
        recipec.run_plan(compilation, bench.folder / "out")
    code.write_text("f = 1\n")
    assert bench.compile(WITH_CODE).plan.node("model").action == "run"


def test_code_that_is_not_python_is_an_error_of_the_recipe(bench):
    (bench.folder / "m.py").write_text("def f(:\n")
    with pytest.raises(RecipeError, match=r"m.py:1: invalid syntax"):
        bench.compile(WITH_CODE)


@pytest.mark.parametrize("store", ["out", "out/store"])
def test_store_and_out_do_not_destroy_each_other(bench, store):
    with pytest.raises(UsageError, match="destroy each other"):
        bench.run(store=bench.folder / store)


def test_a_file_of_the_users_in_out_is_not_deleted(bench):
    bench.run()
    (bench.folder / "out" / "notes.md").write_text("mine")
    with pytest.raises(UsageError, match=r"notes\.md"):
        bench.run()
    assert (bench.folder / "out" / "notes.md").read_text() == "mine"


def test_a_link_to_a_run_stays_a_link(bench):
    (bench.folder / "real").mkdir()
    (bench.folder / "out").symlink_to("real")
    bench.run()
    assert (bench.folder / "out").is_symlink()
    assert (bench.folder / "real" / "run.json").is_file()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told_before_anything_runs(bench):
    closed = bench.folder / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(UsageError, match="nothing can be written"):
        bench.run(out=closed / "out")
    assert not (bench.folder / "store").exists()


def test_a_file_as_the_store_is_a_usage_error(bench):
    (bench.folder / "store").write_text("")
    with pytest.raises(UsageError, match="not a folder"):
        bench.run()


def test_a_forced_stage_with_a_damaged_entry_is_made_again(bench):
    record = bench.run()
    key = record.stage("small").key
    (bench.folder / "store" / "v1" / "entries" / key[:2] / key / "model.json").write_text("[0]")
    assert bench.run(force=["small"]).stage("small").digests == record.stage("small").digests


def test_until_before_the_baseline_drops_the_gates_that_need_it(bench):
    text = TOY_RECIPE.replace("baseline: big", "baseline: small").replace(
        "{stage: small, metric: numbers.count, min_ratio: 2x}",
        "{stage: big, metric: right, max_drop: 1pp}",
    )
    assert bench.run(text, until="big").gates == ()


def test_unknown_data_as_an_option_of_a_metric_is_an_error_at_its_place(bench):
    with pytest.raises(RecipeError) as caught:
        bench.compile(TOY_RECIPE.replace("[numbers, right]", "[numbers, {right: {data: nope}}]"))
    (problem,) = caught.value.diagnostics
    assert (problem.code, problem.span.line) == ("unknown-data", 7)


def test_a_promise_made_twice_is_an_error(bench):
    with pytest.raises(RecipeError, match="promised twice"):
        bench.compile(TOY_RECIPE.replace("outputs: [packed]", "outputs: [packed, packed]"))


def test_a_gate_may_judge_the_source_model(bench):
    text = TOY_RECIPE.replace(
        "{stage: small, metric: numbers.count, min_ratio: 2x}",
        "{stage: model, metric: numbers.count, max: 8}",
    )
    assert bench.run(text).gates[0].verdict == "pass"


def test_a_dead_processes_rest_is_cleared_away(bench):
    rest = bench.folder / "store" / "v1" / "staging" / "999999999-abc"
    rest.mkdir(parents=True)
    bench.run()
    assert not rest.exists()
    assert list(rest.parent.iterdir()) == []


def test_variables_may_look_up_those_before_them(bench):
    text = TOY_RECIPE.replace("factor: 2", 'factor: "${vars.twice}"') + (
        'vars: {one: 3, twice: "${vars.one}"}\n'
    )
    assert bench.compile(text).plan.node("big").params["factor"] == 3
