"""Planned against made, layers before and after, charts, and the small print."""

from __future__ import annotations

from typing import Any

import yaml

from recipec.api import ImportString, Layer, LayerTable, Tensor
from recipec.report.layers import LIMIT
from recipec.report.view import view
from recipec.run.record import RunRecord, StageRecord


def with_stage(record: RunRecord, id: str, **changes: Any) -> RunRecord:
    stages = (s.model_copy(update=changes) if s.id == id else s for s in record.stages)
    return record.model_copy(update={"stages": tuple(stages)})


def made_with(stage: StageRecord, table: LayerTable) -> dict[str, Any]:
    return {"model": {**stage.made["model"], "layers": table.model_dump(mode="json")}}


def linear(name: str, rows: int = 4, **more: Any) -> Layer:
    weight = Tensor(name="weight", shape=(rows, 3), dtype="float32", zeros=3)
    return Layer(name=name, type="Linear", tensors=(weight,), positions=1, **more)


def test_planned_equals_made_in_every_stage_of_the_seven_steps(done: RunRecord) -> None:
    rows = view(done).planned
    assert [str(row.stage) for row in rows] == [stage.id for stage in done.stages]
    assert {row.verdict.word for row in rows} == {"equal"}
    prune = rows[2].facts
    assert [f.label for f in prune[:2]] == ["Parameters", "Multiply-adds"]
    assert str(prune[0].planned) == str(prune[0].made) == "43,490"


def test_what_the_plan_could_not_know_says_so(done: RunRecord) -> None:
    engine = view(done).planned[-1]
    assert str(engine.facts[0].planned) == "(known after run)"
    assert str(engine.facts[0].made) == "unknown"
    facts = {f.label: f for f in view(done).stages[-1].made[0].facts}
    assert str(facts["runtime_version"].planned) == "(known after run)"
    assert str(facts["runtime_version"].made) == "1.7.1"
    assert facts["runtime_version"].verdict.word == "not planned"


def test_a_contradiction_is_shown_where_it_is(done: RunRecord) -> None:
    stage = done.stage("onnx")
    table = LayerTable.model_validate(stage.made["model"]["layers"])
    shrunk = LayerTable(layers=(*table.layers[:-1], linear("fc")))
    row = view(with_stage(done, "onnx", made=made_with(stage, shrunk))).planned[5]
    assert row.verdict.word == "differs"
    assert str(row.facts[4].made) == "13 of 14 equal"
    other = {"model": {**stage.made["model"], "opset": 18}}
    facts = view(with_stage(done, "onnx", made=other)).stages[5].made[0].facts
    assert [f.label for f in facts if f.verdict.word == "differs"] == ["opset"]


def test_stages_that_did_not_run_have_a_plan_and_nothing_made(failed: RunRecord) -> None:
    rows = {str(row.stage): row for row in view(failed).planned}
    assert rows["onnx"].verdict.word == "not made"
    assert str(rows["onnx"].facts[0].planned) == "43,258"
    assert str(rows["onnx"].facts[0].made) == "—"


def test_layers_say_what_became_of_them(done: RunRecord) -> None:
    before = LayerTable(
        layers=(
            linear("kept"),
            linear("shrunk"),
            linear("folded", folds_into="kept"),
            linear("lost"),
        )
    )
    after = LayerTable(layers=(linear("kept"), linear("shrunk", rows=2), linear("added")))
    record = with_stage(done, "trained", made=made_with(done.stage("trained"), before))
    record = with_stage(record, "onnx", made=made_with(done.stage("onnx"), after))
    (table,) = view(record).layers
    assert {str(row.name): row.fate for row in table.rows} == {
        "kept": "same",
        "shrunk": "changed",
        "folded": "folded into kept",
        "lost": "gone",
        "added": "new",
    }
    shrunk = table.rows[1]
    assert (shrunk.shape.before, shrunk.shape.after) == ("4×3", "2×3")
    assert (shrunk.sparsity.before, shrunk.sparsity.after) == ("25.0\u00a0%", "50.0\u00a0%")
    assert table.total is not None
    assert (table.total.parameters.before, table.total.parameters.after) == ("48", "30")


def test_a_very_deep_model_is_cut_and_the_table_says_so(done: RunRecord) -> None:
    deep = LayerTable(layers=tuple(linear(f"layer{n}") for n in range(LIMIT + 100)))
    record = with_stage(done, "trained", made=made_with(done.stage("trained"), deep))
    record = with_stage(record, "onnx", made=made_with(done.stage("onnx"), deep))
    (table,) = view(record).layers
    assert len(table.rows) == LIMIT
    assert (
        table.note
        == f"{LIMIT + 100} layers; the first {LIMIT} are shown, all of them are in run.json"
    )


def test_a_failed_run_compares_the_last_model_that_was_made(failed: RunRecord) -> None:
    assert [(str(t.before), str(t.after)) for t in view(failed).layers] == [("trained", "retrain")]


def test_the_resolved_recipe_is_yaml_that_reads_back(done: RunRecord) -> None:
    params = {"builder": ImportString("recipec_torch.zoo:resnet"), "args": {"depth": 14}}
    resolved = {**done.resolved, "model": {"uses": "torch.model", "with": params}}
    text = view(done.model_copy(update={"resolved": resolved})).recipe.resolved
    assert yaml.safe_load(text) == resolved


def test_commands_can_be_typed_whatever_the_recipe_is_called(done: RunRecord) -> None:
    record = done.model_copy(update={"name": "$(rm -rf ~); 'x' ../../y"})
    install, compile_ = view(record).recipe.commands
    assert install == (
        "pip install recipec==0.1.0 torch==2.14.1 torch-pruning==1.6.1 tensorrt-rtx==1.7.1"
    )
    assert compile_ == "recipec compile rm--rf-x-..-..-y.yaml"


def test_stages_show_their_nested_parameters_and_inputs(done: RunRecord) -> None:
    stage = view(done).stages[4]
    assert {str(p.label): str(p.value) for p in stage.params} == {
        "target": "cpu",
        "calibration.data": "train",
        "calibration.samples": "256",
    }
    assert [(str(p.label), str(p.value)) for p in stage.inputs] == [
        ("model", "retrain"),
        ("calibration.data", "data.train"),
    ]
    assert str(stage.operator) == "quantize.static@1"
