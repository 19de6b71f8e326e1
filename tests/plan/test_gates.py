"""A plan reads gates by the unit of the metric: what is judged is known before anything runs."""

import json

import pytest

import recipec
from recipec.plan.planned_gates import PlannedGate
from toys.bench import TOY_RECIPE

GATE = "{stage: small, metric: numbers.count, min_ratio: 2x}"
METRICS = "metrics: [numbers, right]"
ALL = "metrics: [numbers, right, {time: {batch: [1, 32]}}, rate, weight, idle, wrong]"


def planned(bench, gate, text=TOY_RECIPE):
    text = text.replace(METRICS, ALL).replace(GATE, f"{{stage: small, {gate}}}")
    [found] = bench.compile(text).plan.gates
    return found


def refused(bench, gate):
    with pytest.raises(recipec.RecipeError) as raised:
        planned(bench, gate)
    [problem] = raised.value.diagnostics
    return problem


@pytest.mark.parametrize(
    ("gate", "bound", "required"),
    [
        ("metric: time.p50@batch=32, max: 5ms", 0.005, "≤ 5ms"),
        ("metric: rate@batch=1, min: 1.5k/s", 1500.0, "≥ 1.5k/s"),
        ("metric: weight, max: 64KiB", 65536.0, "≤ 64KiB"),
        ("metric: right, min: 97%", 0.97, "≥ 97%"),
        ("metric: right, min: 0.97", 0.97, "≥ 0.97"),
        ("metric: right, min: 1.0", 1.0, "≥ 1.0"),
        ("metric: idle, max: 50%", 0.5, "≤ 50%"),
        ("metric: numbers.count, max: 44226", 44226.0, "≤ 44226"),
        ("metric: numbers.count, max: 25.6M", 25_600_000.0, "≤ 25.6M"),
        ("metric: right, max_drop: 1pp", 0.01, "drop ≤ 1pp"),
        ("metric: right, max_drop: 1%", 0.01, "drop ≤ 1% of big"),
        ("metric: rate@batch=1, max_drop: 5%", 0.05, "drop ≤ 5% of big"),
        ("metric: weight, min_ratio: 3x", 3.0, "ratio ≥ 3x"),
        ("metric: wrong, min_ratio: 0.9x", 0.9, "ratio ≥ 0.9x"),
    ],
)
def test_a_bound_is_read_once_by_the_metrics_unit(bench, gate, bound, required):
    found = planned(bench, gate)
    assert (found.bound, found.required) == (bound, required)


@pytest.mark.parametrize(
    ("gate", "key", "message"),
    [
        ("metric: time.p50@batch=1, max: 5", "max", "is a time: 5 has no unit and could be 5ms"),
        ("metric: time.p50@batch=1, max: 5MiB", "max", "'MiB' is not a unit of a duration"),
        ("metric: rate@batch=1, min: 1000", "min", "is a rate: 1000 has no unit"),
        ("metric: weight, max: 64", "max", "could be 64B or 64MiB"),
        ("metric: weight, max: 1KB", "max", "'KB' is not a unit of a size in bytes"),
        ("metric: right, min: 97", "min", "97 could be 97% or 9700%"),
        ("metric: right, min: 1", "min", "1 could be 1% or 100%"),
        ("metric: right, min: 5ms", "min", "'ms' is not a unit of a share"),
        ("metric: numbers.count, max: 5s", "max", "'s' is not a unit of a count"),
        ("metric: weight, max_drop: 1pp", "max_drop", "a drop of it is no loss"),
        ("metric: time.p50@batch=1, max_drop: 5%", "max_drop", "a drop of it is no loss"),
        ("metric: rate@batch=1, max_drop: 5pp", "max_drop", "percentage points are of shares"),
        ("metric: idle, max_drop: 1pp", "max_drop", "neither better when it is higher"),
        ("metric: idle, min_ratio: 2x", "min_ratio", "neither better when it is higher"),
        ("metric: right, max_drop: 1pp, against: small", "against", "compares 'small' with itself"),
        ("metric: time.p50, max: 5ms", "metric", "could be 'time.p50@batch=1' or"),
        ("metric: time, max: 5ms", "metric", "could be 'time.p50@batch=1' or"),
        ("metric: wieght, max: 5MB", "metric", "'wieght' is not measured on 'small'"),
    ],
)
def test_what_makes_no_sense_for_the_metric_is_an_error_at_its_place(bench, gate, key, message):
    problem = refused(bench, gate)
    assert message in problem.message
    line = (bench.folder / "recipe.yaml").read_text().splitlines()[problem.span.line - 1]
    value = gate.partition(f"{key}: ")[2].partition(",")[0]
    assert line[problem.span.column - 1 :].startswith(value)


def test_all_gates_are_told_at_once(bench):
    more = ("{stage: small, metric: right, min: 97}", "{stage: big, metric: x, max: 3}")
    gates = "\n  - ".join((GATE, *more))
    text = TOY_RECIPE.replace(GATE, gates)
    with pytest.raises(recipec.RecipeError) as raised:
        bench.compile(text)
    assert [problem.code for problem in raised.value.diagnostics] == [
        "invalid-value",
        "unknown-metric",
    ]


def test_the_plans_json_says_what_is_judged(bench):
    gate = json.loads(bench.compile().plan.model_dump_json())["gates"][0]
    assert gate == {
        "at": ["gates", 0],
        "stage": "small",
        "metric": "numbers.count",
        "unit": "1",
        "better": "lower",
        "condition": "min_ratio",
        "wanted": "2x",
        "bound": 2.0,
        "relative": False,
        "against": "big",
    }
    assert PlannedGate.model_validate(gate).required == "ratio ≥ 2x"


def test_until_drops_the_gates_behind_it(bench):
    assert bench.compile(until="big").plan.gates == ()
    [kept] = bench.compile(until="small").plan.gates
    assert kept.against == "big"


def test_what_is_measured_must_be_what_was_promised(bench):
    text = TOY_RECIPE.replace(METRICS, "metrics: [promised]").replace(
        GATE, "{stage: small, metric: promised, max: 1kB}"
    )
    with pytest.raises(recipec.StageError) as raised:
        bench.run(text)
    [problem] = raised.value.diagnostics
    assert problem.code == "contradiction"
    assert "promised has the unit 's', better neither, and its family says" in problem.message
    assert "other is in none of its metric families" in problem.message
