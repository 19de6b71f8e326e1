"""A gate passes, fails or is inconclusive by the interval of what was measured."""

import pytest

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
