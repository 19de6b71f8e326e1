"""What runs, what is reused, and why."""

from toys.bench import TOY_RECIPE


def actions(compilation):
    return {node.id: node.action for node in compilation.plan.stages}


def reason(compilation, id):
    return compilation.plan.node(id).reason


def test_everything_runs_the_first_time(bench):
    planned = bench.compile()
    assert set(actions(planned).values()) == {"run"}
    assert reason(planned, "model") == "not made before"
    assert reason(planned, "big") == "model runs first"


def test_everything_is_reused_the_second_time(bench):
    bench.run()
    planned = bench.compile()
    assert {node.action for node in planned.plan.nodes if node.role != "data"} == {"reuse"}


def test_planning_writes_nothing_to_the_store(bench):
    bench.compile()
    assert not (bench.folder / "store").exists()


def test_a_changed_parameter_is_the_reason(bench):
    bench.run()
    planned = bench.compile(TOY_RECIPE.replace("amount: 0.5", "amount: 0.25"))
    assert reason(planned, "small") == "changed: amount 0.5 → 0.25"
    assert actions(planned) == {"model": "reuse", "big": "reuse", "small": "run", "packed": "run"}


def test_a_changed_seed_runs_all_again(bench):
    bench.run()
    assert set(actions(bench.compile(TOY_RECIPE + "seed: 5\n")).values()) == {"run"}


def test_changed_bytes_of_data_are_the_reason(bench):
    text = TOY_RECIPE.replace(
        "train: {uses: toys.numbers}", "train: {uses: toys.numbers, with: {file: n.json}}"
    )
    (bench.folder / "n.json").write_text("[1, 2, 3]")
    bench.run(text)
    assert set(actions(bench.compile(text)).values()) == {"reuse"}
    (bench.folder / "n.json").write_text("[1, 2, 4]")
    assert reason(bench.compile(text), "model") == "changed: data.train"


def test_changed_code_beside_the_recipe_is_the_reason(bench):
    text = TOY_RECIPE.replace("uses: toys.model", "uses: toys.model, with: {code: 'mine.py:f'}")
    (bench.folder / "mine.py").write_text("import beside\ndef f(): return 1\n")
    (bench.folder / "beside.py").write_text("A = 1\n")
    bench.run(text)
    assert set(actions(bench.compile(text)).values()) == {"reuse"}
    (bench.folder / "beside.py").write_text("A = 2\n")
    assert reason(bench.compile(text), "model") == "changed: code: its content changed"


def test_a_moved_recipe_with_the_same_files_is_the_same(bench, tmp_path, toys):
    from toys.bench import Bench

    text = TOY_RECIPE.replace(
        "train: {uses: toys.numbers}", "train: {uses: toys.numbers, with: {file: n.json}}"
    )
    other = Bench(tmp_path / "elsewhere", toys)
    other.folder.mkdir()
    for place in (bench, other):
        (place.folder / "n.json").write_text("[1, 2, 3]")
    bench.run(text)
    planned = other.compile(text, store=bench.folder / "store")
    assert set(actions(planned).values()) == {"reuse"}


def test_the_same_bytes_as_before_stop_the_wave(bench):
    """The source's key changes with its seed-free parameter's file, its bytes don't."""
    text = TOY_RECIPE.replace("uses: toys.model", "uses: toys.model, with: {code: 'mine.py:f'}")
    (bench.folder / "mine.py").write_text("def f(): return 1\n")
    bench.run(text)
    (bench.folder / "mine.py").write_text("def f(): return 1  # a comment\n")
    record = bench.run(text)
    assert {s.id: s.status for s in record.stages} == {
        "model": "ran", "big": "reused", "small": "reused", "packed": "reused"
    }  # fmt: skip


def test_a_forced_stage_runs_and_is_replaced(bench):
    bench.run()
    record = bench.run(force=["small"])
    assert record.stage("small").status == "ran"
    assert record.stage("packed").status == "reused"


def test_until_keeps_what_the_stage_needs(bench):
    planned = bench.compile(until="small")
    assert [node.id for node in planned.plan.stages] == ["model", "big", "small"]
    assert planned.plan.outputs == ("small",)
    assert bench.run(until="small").outputs[0].stage == "small"


def test_a_damaged_result_is_set_aside_and_made_again(bench):
    record = bench.run()
    key = record.stage("small").key
    stored = bench.folder / "store" / "v1" / "entries" / key[:2] / key / "model.json"
    stored.write_text("[0]")
    planned = bench.compile()
    assert planned.plan.node("small").action == "run"
    assert stored.read_text() == "[0]"  # a plan changes nothing
    assert bench.run().stage("small").digests == record.stage("small").digests
    assert [
        p.read_text() for p in (bench.folder / "store" / "v1" / "damaged").rglob("model.json")
    ] == ["[0]"]


def test_an_entry_that_lost_a_file_is_made_again(bench):
    record = bench.run()
    key = record.stage("small").key
    (bench.folder / "store" / "v1" / "entries" / key[:2] / key / "entry.json").unlink()
    assert bench.run().stage("small").digests == record.stage("small").digests
    assert set(actions(bench.compile()).values()) == {"reuse"}
