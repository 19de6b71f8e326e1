"""The clock itself, on plain functions; none of this imports a framework."""

import gc
import time
from random import Random

import pytest

from recipec.api import OperatorError
from recipec_measure.latency_metrics import latency_metrics
from recipec_measure.rounds import time_rounds
from recipec_measure.timings import BatchTimings, RawTimings, read_timings, write_timings


def timed(calls, seed=0, **settings):
    defaults = {"batch": 1, "runs": 60, "warmup": 0, "rewarm": 0}
    return time_rounds(calls, random=Random(seed), **{**defaults, **settings})


def nothing():
    pass


def test_the_order_changes_from_round_to_round():
    timings = timed({"a": nothing, "b": nothing, "c": nothing})
    assert len(timings.order) == 60
    assert len(set(timings.order)) == 6  # all permutations of three
    first = [order[0] for order in timings.order]
    assert {name: 10 <= first.count(name) <= 30 for name in "abc"} == dict.fromkeys("abc", True)


def test_calls_happen_in_the_order_that_is_written_down():
    happened = []
    calls = {name: lambda name=name: happened.append(name) for name in "abc"}
    timings = timed(calls, warmup=2, rewarm=1)
    assert happened[:6] == list("aabbcc")
    assert happened[6:] == [name for order in timings.order for name in order for _ in "12"]


def test_the_same_seed_gives_the_same_order():
    calls = dict.fromkeys("abc", nothing)
    assert timed(calls, seed=3).order == timed(calls, seed=3).order
    assert timed(calls, seed=3).order != timed(calls, seed=4).order


def test_the_garbage_collector_rests_while_the_clock_runs_and_is_restored():
    seen = []
    timed({"a": lambda: seen.append(gc.isenabled())}, runs=2)
    assert seen == [False, False]
    assert gc.isenabled()
    gc.disable()
    try:
        timed({"a": nothing})
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_call_that_raises_restores_the_garbage_collector():
    def fail():
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        timed({"a": fail})
    assert gc.isenabled()


def test_a_call_that_sleeps_is_found_slower():
    timings = timed({"quick": nothing, "sleeps": lambda: time.sleep(0.001)}, runs=30)
    metrics = {(m.subject, m.name): m for m in latency_metrics(timings, ["latency"], "quick", 0)}
    p50 = {stage: metrics[stage, "latency.p50@batch=1"] for stage in ("quick", "sleeps")}
    assert p50["sleeps"].value > p50["quick"].value
    assert p50["sleeps"].comparison.to == "quick"
    assert p50["sleeps"].comparison.interval.high < 1
    assert p50["quick"].comparison is None


HALF = BatchTimings(
    batch=4,
    order=(("base", "half"),) * 8,
    nanoseconds={
        "base": (2000, 4000, 6000, 8000, 10000, 12000, 14000, 16000),
        "half": (1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000),
    },
)


def test_metrics_are_those_of_the_rounds():
    metrics = latency_metrics(HALF, ["latency", "throughput"], "base", seed=0)
    half = {m.name: m for m in metrics if m.subject == "half"}
    assert {name: metric.value for name, metric in half.items()} == pytest.approx(
        {
            "latency.p50@batch=4": 4.5e-6,
            "latency.p95@batch=4": 7.65e-6,
            "latency.mean@batch=4": 4.5e-6,
            "throughput@batch=4": 4 / 4.5e-6,
        }
    )
    assert {metric.unit for metric in half.values()} == {"s", "1/s"}
    assert {metric.count for metric in half.values()} == {8}
    p50 = half["latency.p50@batch=4"]
    assert (p50.interval.low, p50.interval.high) == pytest.approx((1e-6, 8e-6))


def test_a_ratio_above_one_is_faster_for_latency_and_throughput():
    # every round took half as long, however unlike the rounds are: pairing makes that certain
    for metric in latency_metrics(HALF, ["latency", "throughput"], "base", seed=0):
        if metric.subject == "half":
            assert metric.comparison.ratio == pytest.approx(2.0)
            ends = metric.comparison.interval
            assert (ends.low, ends.high) == pytest.approx((2.0, 2.0))


def test_a_baseline_that_was_not_timed_is_compared_with_nothing():
    for baseline in (None, "engine"):
        metrics = latency_metrics(HALF, ["latency"], baseline, seed=0)
        assert [m.comparison for m in metrics] == [None] * 6


def test_timings_are_read_back_as_they_were_written(tmp_path):
    raw = RawTimings(seed=1, threads=2, warmup=3, rewarm=4, batches=(HALF,))
    write_timings(tmp_path / "timings.json", raw)
    assert read_timings(tmp_path / "timings.json") == raw
    assert raw.facts().to_json() == {"kind": "measure.timings", "rounds": 8, "batches": [4]}


def test_another_file_is_no_timings(tmp_path):
    (tmp_path / "other.json").write_text('{"accuracy": [1]}')
    with pytest.raises(OperatorError, match="not a file of timings"):
        read_timings(tmp_path / "other.json")
