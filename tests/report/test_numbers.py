"""Which number stands where, and what may be said of a difference."""

from __future__ import annotations

import pytest

from recipec.api import Comparison, Interval, Metric
from recipec.report.measured import Table
from recipec.report.metrics import change, covers, label, times_better
from recipec.report.view import view
from recipec.run.record import RunRecord, StageRecord, Unmeasured

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


def stripped(record: RunRecord, starting: str) -> RunRecord:
    """The record without the metrics whose names start so."""

    def strip(node: StageRecord) -> StageRecord:
        kept = tuple(m for m in node.metrics if not m.name.startswith(starting))
        return node.model_copy(update={"metrics": kept})

    return record.model_copy(
        update={
            "stages": tuple(map(strip, record.stages)),
            "measurements": tuple(map(strip, record.measurements)),
        }
    )


def test_a_metric_measured_nowhere_still_has_its_column_of_reasons(done: RunRecord) -> None:
    unmeasured = tuple(
        Unmeasured(stage=s.id, metrics=("latency.p50@batch=1",), reason="blocked: no clock")
        for s in done.stages
    )
    record = stripped(done, "latency").model_copy(update={"unmeasured": unmeasured})
    column = view(record).measured.columns[-1]
    assert str(column.label) == "Latency p50, batch 1"
    assert {str(r.cells[-1].missing) for r in view(record).measured.rows} == {"blocked: no clock"}


def test_what_a_stage_tells_of_itself_is_listed_and_no_column(done: RunRecord) -> None:
    report = view(done)
    assert "accuracy.train" in {str(number.name) for number in report.numbers}
    assert "accuracy.train" not in {str(column.name) for column in report.measured.columns}


def test_some_zeros_are_no_sparsity(done: RunRecord) -> None:
    def columns(share: float) -> list[str]:
        sparsity = Metric(name="sparsity", value=share, unit="share")
        metrics = (*done.stages[2].metrics, sparsity)
        pruned = done.stages[2].model_copy(update={"metrics": metrics})
        stages = (*done.stages[:2], pruned, *done.stages[3:])
        shown = view(done.model_copy(update={"stages": stages})).measured.columns
        return [str(column.name) for column in shown]

    assert "sparsity" not in columns(0.01)
    assert "sparsity" in columns(0.5)


def test_measurements_alone_are_enough(done: RunRecord) -> None:
    stages = tuple(s.model_copy(update={"metrics": ()}) for s in done.stages)
    moved = done.model_copy(update={"stages": stages})
    assert Table(moved).view() == Table(done).view()


def test_facts_stand_in_where_nothing_was_measured(done: RunRecord) -> None:
    measured = view(stripped(done, "").model_copy(update={"unmeasured": ()})).measured
    assert [str(c.name) for c in measured.columns] == ["size.disk", "parameters", "macs"]
    assert measured.rows[2].cells[1].value == "43,490"


def test_every_number_is_listed_with_its_exact_name(done: RunRecord) -> None:
    listed = view(done).numbers
    assert len(listed) == sum(len(stage.metrics) for stage in done.stages)
    faster = next(n for n in listed if str(n.stage) == "onnx" and "p50" in str(n.name))
    assert faster.comparison == "2.91× faster [2.80–3.02×], against trained"
