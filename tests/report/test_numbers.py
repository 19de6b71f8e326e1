"""Which number stands where, and what may be said of a difference."""

from __future__ import annotations

from typing import Any

import pytest

from recipec.api import Comparison, Interval, Metric
from recipec.report.measured import Table
from recipec.report.metrics import change, covers, label, times_better
from recipec.report.view import view
from recipec.run.record import RunRecord, Unmeasured

LATENCY = Metric(name="latency.p50@batch=1", value=0.001, unit="s", better="lower")
SIZE = Metric(name="size.disk", value=500, unit="bytes", better="lower")


def compared(ratio: float, low: float, high: float, to: str = "base") -> Metric:
    comparison = Comparison(to=to, ratio=ratio, interval=Interval(low=low, high=high))
    return LATENCY.model_copy(update={"comparison": comparison})


def said(metric: Metric, baseline: Metric | None = None) -> tuple[str, str, str | None] | None:
    against = change(metric, baseline, "base")
    return against and (against.text.replace("\u00a0", " "), against.tone, against.interval)


@pytest.mark.parametrize(
    ("ratio", "low", "high", "expected"),
    [
        (2.0, 1.6, 2.5, ("2.00× faster", "good", "1.60–2.50×")),
        (0.5, 0.4, 0.625, ("2.00× slower", "bad", "1.60–2.50×")),
        (1.1, 0.98, 1.2, ("no difference shown", "quiet", "0.980–1.20×")),
        (1.1, 1.0, 1.2, ("no difference shown", "quiet", "1.00–1.20×")),
        (1.0, 1.0, 1.0, ("no difference shown", "quiet", "1.00–1.00×")),
        (1.001, 1.0005, 1.0015, ("0.10 % faster", "quiet", None)),
    ],
)
def test_a_ratio_is_a_difference_only_where_its_interval_leaves_1_out(
    ratio: float, low: float, high: float, expected: tuple[str, str, str | None]
) -> None:
    assert said(compared(ratio, low, high)) == expected


def test_latencies_that_were_not_measured_side_by_side_are_not_compared() -> None:
    slower = LATENCY.model_copy(update={"value": 0.002})
    assert said(slower, LATENCY) is None
    assert said(compared(2.0, 1.6, 2.5, to="another"), LATENCY) is None


def test_sizes_and_counts_are_exact() -> None:
    assert said(SIZE, SIZE.model_copy(update={"value": 2000})) == ("4.00× smaller", "good", None)
    assert said(SIZE, SIZE.model_copy(update={"value": 125})) == ("4.00× larger", "bad", None)
    assert said(SIZE, SIZE.model_copy()) == ("the same", "quiet", None)
    assert said(SIZE, SIZE.model_copy(update={"value": 0})) is None


def test_shares_differ_by_points_and_count_as_shown_when_their_intervals_are_apart() -> None:
    def accuracy(value: float, half: float) -> Metric:
        interval = Interval(low=value - half, high=value + half)
        return Metric(
            name="accuracy", value=value, unit="share", better="higher", interval=interval
        )

    assert said(accuracy(0.98, 0.01), accuracy(0.985, 0.01)) == ("−0.50 pp", "quiet", None)
    assert said(accuracy(0.90, 0.01), accuracy(0.985, 0.01)) == ("−8.50 pp", "bad", None)
    assert said(accuracy(0.99, 0.001), accuracy(0.985, 0.001)) == ("+0.50 pp", "good", None)


def test_a_ratio_that_is_none_says_nothing() -> None:
    for ratio in (0.0, -1.0, float("inf"), float("nan")):
        assert times_better(LATENCY, ratio, None) is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("latency.p50@batch=32", "Latency p50, batch 32"),
        ("size.disk", "Size on disk"),
        ("acme.energy@device=gpu", "acme.energy, device gpu"),
    ],
)
def test_labels(name: str, words: str) -> None:
    assert label(name) == words


def test_a_family_covers_its_metrics_and_no_others() -> None:
    assert covers("latency", "latency.p50@batch=1")
    assert covers("latency.p50", "latency.p50@batch=1")
    assert covers("accuracy", "accuracy")
    assert not covers("size", "sizeable")


def test_what_is_missing_says_why(done: RunRecord) -> None:
    cells = {str(row.stage): row.cells[-1] for row in view(done).measured.rows}
    reason = "not measured: simulated quantization has no latency"
    assert str(cells["int8"].missing) == reason
    assert str(cells["engine"].missing) == "blocked: needs cuda"
    assert cells["onnx"].missing is None


def test_a_metric_measured_nowhere_still_has_its_column_of_reasons(done: RunRecord) -> None:
    def without(stage: Any) -> Any:
        kept = tuple(m for m in stage.metrics if not m.name.startswith("latency"))
        return stage.model_copy(update={"metrics": kept})

    record = done.model_copy(
        update={
            "stages": tuple(map(without, done.stages)),
            "unmeasured": tuple(
                Unmeasured(stage=s.id, metrics=("latency.p50@batch=1",), reason="blocked: no clock")
                for s in done.stages
            ),
        }
    )
    column = view(record).measured.columns[-1]
    assert str(column.label) == "Latency p50, batch 1"
    assert {str(r.cells[-1].missing) for r in view(record).measured.rows} == {"blocked: no clock"}


def test_measurements_may_hold_the_metrics_of_their_subjects(done: RunRecord) -> None:
    stage = done.stage("onnx")
    single = done.measurements[0].model_copy(update={"metrics": stage.metrics[:5]})
    joint = done.measurements[1].model_copy(
        update={
            "metrics": tuple(m.model_copy(update={"subject": "onnx"}) for m in stage.metrics[5:])
        }
    )
    stages = tuple(
        s.model_copy(update={"metrics": ()}) if s.id == "onnx" else s for s in done.stages
    )
    moved = done.model_copy(update={"stages": stages, "measurements": (single, joint)})
    assert Table(moved).view() == Table(done).view()


def test_facts_stand_in_where_nothing_was_measured(done: RunRecord) -> None:
    stages = tuple(s.model_copy(update={"metrics": ()}) for s in done.stages)
    measured = view(done.model_copy(update={"stages": stages, "unmeasured": ()})).measured
    assert [str(c.name) for c in measured.columns] == ["size.disk", "parameters", "macs"]
    assert measured.rows[2].cells[1].value == "43,490"


def test_every_number_is_listed_with_its_exact_name(done: RunRecord) -> None:
    listed = view(done).numbers
    assert len(listed) == sum(len(stage.metrics) for stage in done.stages)
    faster = next(n for n in listed if str(n.stage) == "onnx" and "p50" in str(n.name))
    assert faster.comparison == "2.91× faster [2.80–3.02×], against trained"
