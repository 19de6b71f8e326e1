"""A gate passes, fails or is inconclusive by the interval of what was measured."""

import json

import pytest

from recipec.api import Artifact, Metric, Scores
from recipec.plan.planned_gates import PlannedGate
from recipec.run.gates import judge
from toys.bench import TOY_RECIPE

GATE = "{stage: small, metric: numbers.count, min_ratio: 2x}"


def verdict(bench, gate, text=TOY_RECIPE):
    record = bench.run(text.replace(GATE, gate))
    return record.gates[0].verdict, record


@pytest.mark.parametrize(
    ("gate", "expected"),
    [
        ("{stage: small, metric: numbers.count, min_ratio: 2x}", "pass"),
        ("{stage: small, metric: numbers.count, min_ratio: 2.1x}", "fail"),
        ("{stage: small, metric: numbers.count, max: 4}", "pass"),
        ("{stage: small, metric: numbers.count, max: 3}", "fail"),
        ("{stage: small, metric: numbers.count, min: 5}", "fail"),
        ("{stage: small, metric: right, min: 0.9}", "pass"),
        # 8 of 600 samples are lost: a drop of 1.33pp, between 0.6 and 2.7pp
        ("{stage: small, metric: right, max_drop: 3pp}", "pass"),
        ("{stage: small, metric: right, max_drop: 1pp}", "inconclusive"),
        # of a share of 1 a drop of 3pp is one of 3%, and a ratio of 0.97
        ("{stage: small, metric: right, max_drop: 3%}", "pass"),
        ("{stage: small, metric: right, min_ratio: 0.97x}", "pass"),
        ("{stage: small, metric: right, min_ratio: 0.99x}", "inconclusive"),
        ("{stage: small, metric: right, min_ratio: 1x}", "fail"),
    ],
)
def test_verdicts(bench, gate, expected):
    found, record = verdict(bench, gate)
    assert found == expected
    assert record.status == ("gate failed" if expected == "fail" else "done")


def test_a_drop_that_is_surely_too_large_fails(bench):
    text = TOY_RECIPE.replace("count: 600", "count: 50")  # 8 of 50 samples lost
    assert verdict(bench, "{stage: small, metric: right, max_drop: 1pp}", text)[0] == "fail"


def test_a_drop_is_counted_on_the_same_samples(bench):
    _, record = verdict(bench, "{stage: small, metric: right, max_drop: 1pp}")
    assert "8 of 600 samples lost, 0 won" in record.gates[0].message


def test_a_failed_gate_leaves_the_artifacts(bench):
    _, record = verdict(bench, "{stage: small, metric: numbers.count, min_ratio: 9x}")
    assert (bench.folder / "out" / record.outputs[0].path).is_file()


def test_a_gate_on_what_could_not_be_measured_is_inconclusive(bench):
    text = TOY_RECIPE.replace(
        "outputs:", "  - {id: fast, uses: toys.accelerate, needs: small}\noutputs:"
    )
    found, record = verdict(bench, "{stage: fast, metric: numbers.count, max: 3}", text)
    assert found == "inconclusive"
    assert record.status == "done"


# 4 numbers instead of 8: 4 ms ± 10 %, 250/s ± 10 %, 4,000 bytes, twice as good as on big ± 10 %
@pytest.mark.parametrize(
    ("gate", "expected"),
    [
        ("time.p50@batch=1, max: 4.5ms", "pass"),
        ("time.p50@batch=1, max: 4ms", "inconclusive"),
        ("time.p50@batch=1, max: 3500us", "fail"),
        ("rate@batch=1, min: 200/s", "pass"),
        ("rate@batch=1, min: 0.3k/s", "fail"),
        ("rate@batch=1, max_drop: 5%", "pass"),
        ("time.p50@batch=1, min_ratio: 1.7x", "pass"),
        ("time.p50@batch=1, min_ratio: 2x", "inconclusive"),
        ("time.p50@batch=1, min_ratio: 2.5x", "fail"),
        ("weight, max: 4kB", "pass"),
        ("weight, max: 3.9KiB", "fail"),
        ("weight, min_ratio: 2x", "pass"),
        ("weight, min_ratio: 2.01x", "fail"),
        ("idle, min: 25%", "pass"),
        ("idle, max: 0.2", "fail"),
        ("wrong, max: 4%", "pass"),
        ("wrong, min_ratio: 2x", "inconclusive"),  # no scores of the single samples
    ],
)
def test_verdicts_in_every_unit(bench, gate, expected):
    text = TOY_RECIPE.replace("[numbers, right]", "[time, rate, weight, idle, wrong]")
    found, _ = verdict(bench, f"{{stage: small, metric: {gate}}}", text)
    assert found == expected


def judged(tmp_path, mine, theirs, **gate):
    """Judge a gate on two lists of results by sample."""
    metrics, scores = {}, {}
    for stage, results in (("small", mine), ("big", theirs)):
        path = tmp_path / f"{stage}.json"
        path.write_text(json.dumps({"right": results}))
        share = sum(results) / len(results)
        metrics[stage] = {"right": Metric(name="right", value=share, unit="share")}
        scores[stage] = [Artifact(Scores(count=len(results)), path, "")]
    gate = {"better": "higher", "wanted": "x", **gate}
    planned = PlannedGate(
        at=("gates", 0), stage="small", metric="right", unit="share", against="big", **gate
    )
    return judge(planned, metrics, scores)


def results(right, of, wrong_first=0):
    """Some samples wrong, then the right ones, then the rest wrong."""
    return [0] * wrong_first + [1] * right + [0] * (of - right - wrong_first)


def test_a_relative_drop_is_of_the_others_value(tmp_path):
    mine, theirs = results(480, 1000), results(500, 1000)  # 48% and 50%: 2pp, or 4%
    absolute = judged(tmp_path, mine, theirs, condition="max_drop", bound=0.05)
    relative = judged(tmp_path, mine, theirs, condition="max_drop", bound=0.05, relative=True)
    assert absolute.verdict == "pass"
    assert relative.verdict == "inconclusive"  # 2.5pp, and the drop is 1.3 to 3.1pp
    assert "a drop of at most 2.50pp" in relative.message
    strict = judged(tmp_path, mine, theirs, condition="max_drop", bound=0.02, relative=True)
    assert strict.verdict == "fail"  # 1pp


def test_a_ratio_of_shares_is_judged_on_the_same_samples(tmp_path):
    mine, theirs = results(480, 1000), results(500, 1000)
    loose = judged(tmp_path, mine, theirs, condition="min_ratio", bound=0.9)
    strict = judged(tmp_path, mine, theirs, condition="min_ratio", bound=0.99)
    assert (loose.verdict, strict.verdict) == ("pass", "fail")


def test_of_a_share_that_is_better_lower_the_ratio_asks_for_a_drop(tmp_path):
    errors = {"condition": "min_ratio", "better": "lower"}
    mine, theirs = results(100, 1000), results(300, 1000)  # a third of the errors
    assert judged(tmp_path, mine, theirs, bound=2.0, **errors).verdict == "pass"
    assert judged(tmp_path, mine, theirs, bound=3.0, **errors).verdict == "inconclusive"
    assert judged(tmp_path, mine, theirs, bound=5.0, **errors).verdict == "fail"
    assert judged(tmp_path, theirs, mine, bound=1.0, **errors).verdict == "fail"


def test_messages_have_the_metrics_unit(bench):
    text = TOY_RECIPE.replace("[numbers, right]", "[time, rate, weight, idle, wrong]")
    for gate, message in {
        "time.p50@batch=1, max: 5ms": "time.p50@batch=1 is 4ms (3.6ms to 4.4ms)",
        "rate@batch=1, min: 200/s": "rate@batch=1 is 250/s (225/s to 275/s)",
        "weight, max: 4kB": "weight is 4,000 bytes",
        "idle, min: 25%": "idle is 25%",
    }.items():
        _, record = verdict(bench, f"{{stage: small, metric: {gate}}}", text)
        assert record.gates[0].message == message
    assert record.gates[0].required == "≥ 25%"


def test_the_record_says_what_a_relative_drop_is_relative_to(bench):
    _, record = verdict(bench, "{stage: small, metric: right, max_drop: 1%}")
    assert record.gates[0].required == "drop ≤ 1% of big"


def test_a_share_that_surely_rose_has_gained():
    from recipec.api import Interval
    from recipec.run.gates import _fall

    assert _fall(-0.02, Interval(low=-0.0406, high=-0.0051)) == "a gain of 0.51 to 4.06pp"
    assert _fall(-0.02, None) == "a gain of 2.00pp"
    assert _fall(0.01, Interval(low=-0.01, high=0.03)) == "a drop of -1.00 to 3.00pp"
