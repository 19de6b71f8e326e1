"""Several runs beside each other: what they made, against the baseline of each."""

from __future__ import annotations

from typing import Any

import pytest

from recipec.report import Run, render_comparison
from recipec.report.comparison import compared
from recipec.report.context import Comparison
from recipec.run.record import RunRecord
from report.conftest import record


def variant(amount: float, **changes: Any) -> RunRecord:
    """The seven steps with another amount."""
    made = record(**changes)
    resolved = made.model_dump(mode="json")["resolved"]
    resolved["stages"][1]["with"]["amount"] = amount
    return made.model_copy(update={"resolved": resolved})


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    return [
        Run("amount=0.3", variant(0.3), "amount=0.3/report.html"),
        Run("amount=0.5", variant(0.5, seconds=99.0), "amount=0.5/report.html"),
        Run("amount=0.9", None, problem="prune.channels would leave no channel"),
    ]


@pytest.fixture(scope="module")
def comparison(runs: list[Run]) -> Comparison:
    return compared("sweep", runs)


def test_each_run_says_how_it_ended(comparison: Comparison) -> None:
    assert [(str(run.label), run.badge.word) for run in comparison.runs] == [
        ("amount=0.3", "done"),
        ("amount=0.5", "done"),
        ("amount=0.9", "error"),
    ]
    assert comparison.headline == "3 runs: 2 done, 1 error."
    assert str(comparison.runs[2].problem) == "prune.channels would leave no channel"


def test_rows_are_the_baselines_and_the_outputs(comparison: Comparison) -> None:
    assert [(str(row.run), str(row.stage), row.baseline) for row in comparison.rows[:3]] == [
        ("amount=0.3", "trained", True),
        ("amount=0.3", "onnx", False),
        ("amount=0.3", "engine", False),
    ]
    onnx = comparison.rows[1]
    assert onnx.front
    (size, *_) = onnx.cells
    assert size.change is not None
    assert size.change.text == "11.1× smaller"


def test_charts_begin_at_the_baseline_of_each_run(comparison: Comparison) -> None:
    chart = comparison.waterfalls[0]
    steps = {str(step.stage): step for step in chart.steps}
    assert steps["amount=0.3: onnx"].before == 712_344
    assert steps["amount=0.3: onnx"].look == "good"


def test_all_models_of_all_runs_are_points(comparison: Comparison) -> None:
    assert comparison.tradeoff is not None
    names = [str(point.name) for point in comparison.tradeoff.points]
    assert len(names) == 16
    assert "amount=0.5: retrain" in names


def test_only_what_differs_is_told(comparison: Comparison) -> None:
    told = {str(d.label): [str(value) for value in d.values] for d in comparison.differences}
    assert told == {"stages.prune.with.amount": ["0.3", "0.5"]}


def test_both_pages_are_rendered(runs: list[Run]) -> None:
    pages = render_comparison("sweep", runs)
    assert list(pages) == ["report.html", "report.md"]
    assert 'href="./amount%3D0.3/report.html"' in pages["report.html"]
    assert "| `amount=0.3` | `onnx` | yes |" in pages["report.md"]


def test_runs_of_which_none_came_to_anything_can_be_compared() -> None:
    pages = render_comparison("sweep", [Run("a", None, problem="no"), Run("b", None)])
    assert "No run made a model" in pages["report.html"]


def test_hostile_labels_and_titles_are_shown_as_text(done: RunRecord) -> None:
    text = "<script>alert(1)</script> {{ 7 * 7 }} \u202e | `"
    pages = render_comparison(text, [Run(text, done, f"{text}/report.html", text)])
    assert "<script>alert" not in pages["report.html"]
    assert "{{ 7 * 7 }}" in pages["report.html"]
    assert all("\u202e" not in page for page in pages.values())
