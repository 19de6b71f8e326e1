"""How two recipes, plans or runs differ."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import recipec
from recipec.plan.diff.compare import Comparison, compare
from recipec.plan.diff.snapshot import snapshot
from recipec.plan.saved.written import written
from recipec.run.past import snapshot_of_run
from toys.bench import TOY_RECIPE, Bench


def planned(bench, text=TOY_RECIPE, *settings, **options):
    compilation = bench.compile(text, *settings, **options)
    return snapshot(written(compilation.plan), "plan", "plan.json", {})


def entry(entries, id):
    (found,) = (one for one in entries if one.id == id)
    return found


def said(changes):
    return [str(change) for change in changes]


def test_a_parameter_and_what_follows_from_it(bench):
    changed = TOY_RECIPE.replace("amount: 0.5", "amount: 0.25")
    compared = compare(planned(bench), planned(bench, changed))
    small, packed = entry(compared.stages, "small"), entry(compared.stages, "packed")
    assert said(small.changes) == ["amount 0.5 → 0.25"]
    assert packed.changes == ()
    assert said(packed.figures)[:2] == ["parameters 4 → 6", "multiply-adds 8 → 12"]
    assert [one.id for one in compared.stages] == ["small", "packed"]
    assert not compared.data


def test_added_and_removed_stages(bench):
    changed = TOY_RECIPE.replace("id: small", "id: tiny").replace("stage: small", "stage: tiny")
    compared = compare(planned(bench), planned(bench, changed))
    status = {one.id: one.status for one in compared.stages}
    assert status == {"tiny": "added", "small": "removed", "packed": "changed"}
    assert said(entry(compared.stages, "packed").changes) == ["input model small → tiny"]
    assert compared.gates.removed == ("small: numbers.count ratio ≥ 2x",)
    assert compared.gates.added == ("tiny: numbers.count ratio ≥ 2x",)


def test_a_moved_stage(bench):
    first = "  - {id: big, uses: toys.scale, with: {factor: 2, data: train}}\n"
    second = "  - {id: small, uses: toys.drop, with: {amount: 0.5}}\n"
    changed = TOY_RECIPE.replace(first + second, second + first)
    compared = compare(planned(bench), planned(bench, changed))
    moved = {one.id: one.moved for one in compared.stages if one.moved}
    assert len(moved) == 1
    assert said(entry(compared.stages, "packed").changes) == ["input model small → big"]


def test_a_parameter_that_names_data_isn_t_said_twice(bench):
    compared = compare(
        planned(bench), planned(bench, TOY_RECIPE.replace("2, data: train", "2, data: test"))
    )
    assert said(entry(compared.stages, "big").changes) == ["data train → test"]


def test_data_measurements_and_the_recipe_s_own_keys(bench):
    changed = TOY_RECIPE.replace("count: 600", "count: 700").replace("[numbers, right]", "[right]")
    changed = changed.replace(
        "metric: numbers.count, min_ratio: 2x", "metric: right, max_drop: 1pp"
    )
    compared = compare(planned(bench), planned(bench, changed + "seed: 3\nthreads: 2\n"))
    assert said(compared.recipe) == ["seed 0 → 3", "threads 1 → 2"]
    assert said(entry(compared.data, "test").changes) == ["count 600 → 700"]
    assert [(one.id, one.status) for one in compared.measurements] == [("toys.size", "removed")]


def test_other_bytes_of_a_file_or_of_code(bench):
    text = TOY_RECIPE.replace(
        "train: {uses: toys.numbers}", "train: {uses: toys.numbers, with: {file: n.json}}"
    ).replace("uses: toys.model", "uses: toys.model, with: {code: 'mine.py:f'}")

    def write(numbers, code):
        (bench.folder / "n.json").write_text(numbers)
        (bench.folder / "mine.py").write_text(code)

    write("[1, 2]", "def f(): return 1\n")
    before, ran = planned(bench, text), bench.run(text)
    write("[1, 3]", "def f(): return 2\n")
    for old in (before, snapshot_of_run(ran, "run")):
        compared = compare(old, planned(bench, text))
        assert said(entry(compared.data, "train").changes) == ["file: its content changed"]
        assert said(entry(compared.stages, "model").changes) == ["code: its content changed"]


def test_a_plan_and_the_run_of_it_are_the_same(bench):
    run = snapshot_of_run(bench.run(), "run")
    assert compare(planned(bench), run).same
    assert compare(run, planned(bench)).same


def test_what_is_unknown_before_a_run_is_no_difference_to_the_run(bench):
    plan = planned(bench)
    record = bench.run()
    unknown = {"packed": {**plan.stages["packed"].planned["packed"], "layers": "unknown"}}
    packed = plan.stages["packed"]._replace(planned=unknown)
    plan = plan._replace(stages={**plan.stages, "packed": packed})
    assert compare(plan, snapshot_of_run(record, "run")).same
    assert not compare(plan, planned(bench)).same


def test_two_runs_compare_what_was_measured(bench):
    before = bench.run()
    after = bench.run(TOY_RECIPE.replace("amount: 0.5", "amount: 0.25"))
    compared = compare(snapshot_of_run(before, "a"), snapshot_of_run(after, "b"))
    small = entry(compared.stages, "small")
    assert [(m.name, m.before, m.after) for m in small.metrics] == [
        ("numbers.count", 4, 6),
        ("right", pytest.approx(592 / 600), pytest.approx(596 / 600)),
    ]
    assert said(compared.verdicts) == ["small: numbers.count ratio ≥ 2x pass → fail"]


def test_intervals_that_overlap_are_told(bench):
    record = bench.run()
    metric = record.stage("small").metrics[0]

    def run(value, low, high):
        changed = {**metric.model_dump(mode="json"), "value": value}
        changed["interval"] = {"low": low, "high": high, "level": 0.95}
        shot = snapshot_of_run(record, "run")
        small = shot.stages["small"]._replace(metrics={metric.name: changed})
        return shot._replace(stages={**shot.stages, "small": small})

    near = compare(run(4, 3, 5), run(5, 4.5, 6)).stages[0].metrics[0]
    far = compare(run(4, 3, 5), run(7, 6, 8)).stages[0].metrics[0]
    assert (near.overlap, far.overlap) == (True, False)


def test_versions_are_compared_where_both_sides_know_them(bench):
    before, after = planned(bench), planned(bench)
    before = before._replace(versions={"torch": "2.9.0", "onnx": "1.18", "cuda": None})
    after = after._replace(versions={"torch": "2.9.1", "numpy": "2.0", "cuda": "12.4"})
    assert said(compare(before, after).versions) == ["cuda nothing → 12.4", "torch 2.9.0 → 2.9.1"]


def test_a_layer_that_changed_shows_where_the_sums_hide_it(bench):
    plan = planned(bench)
    facts = json.loads(json.dumps(plan.stages["packed"].planned["packed"]))
    facts["layers"]["layers"][0]["type"] = "Other"
    packed = plan.stages["packed"]._replace(planned={"packed": facts})
    other = plan._replace(stages={**plan.stages, "packed": packed})
    (change,) = compare(plan, other).stages[0].figures
    assert change.name == "layer numbers"
    assert "Toy" in change.before
    assert "Other" in change.after


STAGE = st.tuples(
    st.sampled_from(["toys.scale", "toys.drop"]),
    st.sampled_from([0.25, 0.5]),
)
RECIPE = st.tuples(
    st.dictionaries(st.sampled_from(["one", "two", "three", "four"]), STAGE, min_size=1),
    st.permutations(["one", "two", "three", "four"]),
    st.integers(0, 1),
    st.sampled_from(["[numbers]", "[numbers, right]"]),
)


def text(recipe):
    stages, order, seed, metrics = recipe
    lines = [
        "apiVersion: recipec/v1",
        "name: toy",
        "model: {uses: toys.model, with: {numbers: 1024}}",
        "data: {test: {uses: toys.numbers}}",
        f"measure: {{data: test, metrics: {metrics}}}",
        f"seed: {seed}",
        "stages:",
    ]
    for id in order:
        if id in stages:
            operator, value = stages[id]
            name = "factor" if operator == "toys.scale" else "amount"
            lines.append(f"  - {{id: {id}, uses: {operator}, with: {{{name}: {value}}}}}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory, toys):
    return Bench(tmp_path_factory.mktemp("compare"), toys)


def turned(entries):
    way = {"added": "removed", "removed": "added", "changed": "changed"}
    result = set()
    for one in entries:
        operators = {c.name: c.before for c in one.changes}
        move = one.moved and type(one.moved)(before=one.moved.after, after=one.moved.before)
        new = one.model_copy(
            update={
                "status": way[one.status],
                "operator": operators.get("operator", one.operator),
                "moved": move,
                "changes": tuple(c.reverse for c in one.changes),
                "figures": tuple(c.reverse for c in one.figures),
            }
        )
        result.add(new.model_dump_json())
    return result


def parts(compared: Comparison):
    return (compared.data, compared.stages, compared.measurements)


@given(recipe=RECIPE)
@settings(max_examples=25, deadline=None)
def test_nothing_differs_from_itself(place, recipe):
    plan = planned(place, text(recipe))
    assert compare(plan, plan).same


@given(one=RECIPE, other=RECIPE)
@settings(max_examples=50, deadline=None)
def test_the_way_back_is_the_mirror_image(place, one, other):
    before, after = planned(place, text(one)), planned(place, text(other))
    there, back = compare(before, after), compare(after, before)
    assert there.same == (text(one) == text(other))
    for way, mirrored in zip(parts(there), parts(back), strict=True):
        assert turned(way) == {e.model_dump_json() for e in mirrored}
    assert [c.reverse for c in there.recipe] == list(back.recipe)
    assert there.outputs.added == back.outputs.removed


def test_a_comparison_is_versioned_json(bench):
    compared = compare(planned(bench), planned(bench))
    data = json.loads(compared.model_dump_json())
    assert data["format"] == "recipec.diff/v1"
    assert Comparison.model_validate(data) == compared


def test_files_are_told_apart_by_what_they_hold(bench, monkeypatch):
    monkeypatch.chdir(bench.folder)
    compilation = bench.compile()
    recipec.save_plan(compilation, "plan.json")
    bench.run()
    options = {"catalog": bench.catalog, "store": bench.folder / "store"}
    sides = ("recipe.yaml", "plan.json", "out/plan.json", "out", "out/run.json")
    kinds = [recipec.compare_files("recipe.yaml", b, **options).after.kind for b in sides]
    assert kinds == ["recipe", "plan", "plan", "run", "run"]
    assert all(recipec.compare_files(a, b, **options).same for a in sides for b in sides)
