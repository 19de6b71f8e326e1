"""What the charts show: changes from stage to stage, the Pareto front, costs, the graph."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipec.api import Interval, LayerTable, Metric
from recipec.report.charting.pareto import front
from recipec.report.charting.rows import chosen
from recipec.report.context import Step, Waterfall
from recipec.report.view import view
from recipec.run.record import RunRecord


def chart(record: RunRecord, title: str) -> Waterfall:
    return next(found for found in view(record).waterfalls if found.title == title)


def steps(of: Waterfall) -> dict[str, Step]:
    return {str(step.stage): step for step in of.steps}


def with_stage(record: RunRecord, id: str, **changes: Any) -> RunRecord:
    stages = (s.model_copy(update=changes) if s.id == id else s for s in record.stages)
    return record.model_copy(update={"stages": tuple(stages)})


def test_a_step_begins_at_the_value_of_the_model_that_the_stage_was_given(done: RunRecord) -> None:
    size = steps(chart(done, "Size on disk"))
    assert size["trained"].look == "baseline"
    assert (size["prune"].before, size["prune"].at) == (712_344, 189_210)
    assert size["prune"].look == "good"
    assert size["onnx-fp32"].before == size["trained"].at  # its branch, not the row above


def test_a_step_of_latency_begins_at_the_last_stage_that_could_be_timed(done: RunRecord) -> None:
    latency = steps(chart(done, "Latency p50, batch 1"))
    assert latency["int8"].at is None
    assert str(latency["int8"].value) == "not measured: simulated quantization has no latency"
    assert latency["onnx"].before == latency["retrain"].at
    assert (latency["onnx"].look, latency["onnx-trt"].look) == ("good", "bad")
    assert latency["retrain"].look == "plain"  # its interval holds that of the stage before


def test_accuracy_is_drawn_around_the_baseline_with_its_intervals(done: RunRecord) -> None:
    accuracy = chart(done, "Accuracy")
    found = steps(accuracy)
    assert accuracy.style == "dots"
    prune = found["prune"].at
    assert prune is not None
    assert prune < accuracy.axis.low  # 23 % would press all the others together
    assert "lies below it" in accuracy.note
    onnx = found["onnx"]
    places = [accuracy.axis.low, onnx.low, onnx.at, onnx.high, accuracy.axis.high]
    assert places == sorted(place for place in places if place is not None)
    assert found["engine"].at is None
    assert str(found["engine"].value) == "blocked: needs cuda"


def test_a_tip_says_the_value_its_interval_and_both_comparisons(done: RunRecord) -> None:
    assert steps(chart(done, "Latency p50, batch 1"))["onnx"].tip.split("\n") == [
        "onnx",
        "Latency p50, batch 1: 311\xa0µs",
        "302–323\xa0µs, n\xa0=\xa0100",
        "1.95× faster against retrain before it",
        "2.91× faster [2.80–3.02×] against the baseline",
    ]


def test_a_chart_of_too_many_stages_shows_the_outputs_and_what_led_to_them() -> None:
    stages = [f"s{n}" for n in range(100)]
    giver = {f"s{n}": f"s{n - 2}" for n in range(2, 100)}
    assert chosen(stages, ["s99"], giver, limit=4) == ["s93", "s95", "s97", "s99"]
    assert chosen(stages[:3], ["s1"], giver, limit=4) == ["s0", "s1", "s2"]
    assert chosen(["a", "b", "c"], [None, "c"], {}, limit=2) == ["a", "c"]


def test_the_front_holds_what_no_other_beats() -> None:
    models = [(10, 0.9), (5, 0.8), (20, 0.95), (12, 0.85), (5, 0.8), (20, 0.9), (1, None)]
    assert front(models, ["lower", "higher"]) == [True, True, True, False, True, False, False]


@given(st.lists(st.tuples(*[st.integers(0, 6)] * 3), max_size=25))
def test_a_model_is_on_the_front_exactly_when_none_beats_it(models: list[tuple[int, ...]]) -> None:
    better: list[Any] = ["lower", "higher", "lower"]
    costs = [(a, -b, c) for a, b, c in models]

    def beaten(one: tuple[int, ...]) -> bool:
        return any(
            other != one and all(x <= y for x, y in zip(other, one, strict=True)) for other in costs
        )

    assert front(models, better) == [not beaten(cost) for cost in costs]


def test_all_models_with_a_size_and_a_quality_are_points(done: RunRecord) -> None:
    tradeoff = view(done).tradeoff
    assert tradeoff is not None
    labels = [axis.label for axis in tradeoff.axes]
    assert labels == ["Size on disk", "Accuracy", "Latency p50, batch 1"]
    points = {str(point.name): point for point in tradeoff.points}
    assert set(points) == {stage.id for stage in done.stages} - {"model", "engine"}
    assert points["int8"].values[2] is None
    assert not points["int8"].front  # without a latency nobody knows
    assert {id for id, p in points.items() if p.front} == {
        "retrain", "onnx", "onnx-fp32", "onnx-trt"
    }  # fmt: skip
    assert "left out: 2 models" in tradeoff.note


def test_without_a_quality_there_is_no_tradeoff(failed: RunRecord) -> None:
    assert view(failed).tradeoff is None


def test_costs_stand_beside_what_the_plan_expected(done: RunRecord) -> None:
    time, memory = view(done).costs
    retrain = steps(time)["retrain"]
    assert (retrain.at, retrain.low) == (38.9, 36.0)
    assert "expected 40.1\xa0s [36.0–44.6\xa0s]" in retrain.tip
    assert "trained" not in steps(time)  # reused: it took nothing
    assert memory.axis.unit == "bytes"


def test_the_graph_joins_data_stages_and_measurements(done: RunRecord) -> None:
    graph = view(done).graph
    names = [str(node.name) for node in graph.nodes]
    edges = {(names[e.giver], names[e.taker], str(e.port)) for e in graph.edges}
    assert ("train", "trained", "data") in edges
    assert ("trained", "onnx-fp32", "model") in edges
    assert ("onnx", names[-1], "measured") in edges
    sorts = {str(node.name): node.sort for node in graph.nodes}
    assert (sorts["train"], sorts["model"], sorts["prune"]) == ("data", "model", "stage")
    assert [str(node.name) for node in graph.nodes if node.output] == ["onnx", "engine"]


@pytest.fixture
def layers(done: RunRecord) -> dict[str, Any]:
    snr = [
        Metric(name=f"snr@layer={layer}", value=30.5, unit="1", better="higher")
        for layer in ("conv1", "fc")
    ]
    stage = done.stage("onnx")
    data = view(with_stage(done, "onnx", metrics=(*stage.metrics, *snr))).layer_data
    assert data is not None
    found: dict[str, Any] = json.loads(data.json)
    return found


def test_the_layers_of_every_model_can_be_read_back(
    done: RunRecord, layers: dict[str, Any]
) -> None:
    for model in layers["models"]:
        made = done.stage(model["stage"]).made["model"]["layers"]
        table = LayerTable.model_validate(made)
        rows = [layers["rows"][position] for position in model["rows"]]
        names = [layers["names"][row[0]] for row in rows]
        assert names == [layer.name for layer in table.layers]
        assert [tuple(row[5:8]) for row in rows] == [
            (layer.parameters, layer.macs, layer.bytes) for layer in table.layers
        ]
    stages = [model["stage"] for model in layers["models"]]
    assert (stages[layers["before"]], stages[layers["after"]]) == ("trained", "onnx")


def test_what_was_measured_by_layer_goes_with_its_layer(layers: dict[str, Any]) -> None:
    assert layers["measured"] == [["snr", "1"]]
    (onnx,) = [model for model in layers["models"] if model["stage"] == "onnx"]
    values = {layers["names"][int(n)]: v for n, v in onnx["values"]["0"].items()}
    assert values == {"conv1": 30.5, "fc": 30.5}


def test_an_interval_that_leaves_the_axis_keeps_its_ends(done: RunRecord) -> None:
    stage = done.stage("onnx")
    wide = Metric(
        name="accuracy", value=0.98, unit="share", better="higher",
        interval=Interval(low=0.1, high=1.0), count=12,
    )  # fmt: skip
    others = tuple(m for m in stage.metrics if m.name != "accuracy")
    accuracy = chart(with_stage(done, "onnx", metrics=(*others, wide)), "Accuracy")
    onnx = steps(accuracy)["onnx"]
    assert (onnx.low, onnx.high) == (0.1, 1.0)


def test_what_was_measured_by_layer_is_no_column_over_the_stages(done: RunRecord) -> None:
    cosine = Metric(name="cosine@layer=fc", value=0.99, unit="share", better="higher")
    node = done.measurements[-1]
    node = node.model_copy(update={"metrics": (*node.metrics, cosine)})
    record = done.model_copy(update={"measurements": (*done.measurements[:-1], node)})
    assert view(record).measured.columns == view(done).measured.columns
