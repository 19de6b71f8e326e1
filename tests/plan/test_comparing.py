"""Measurements that compare their subject with the baseline, and those that also learn."""

import json
from dataclasses import replace

import pytest

from plan.recipe_folder import GOLDEN, Known, planned
from recipec.plan import make_plan
from recipec.plan.view import plan_view
from recipec.registry import discover

NAME = "encoder-weight-only-int8"


@pytest.fixture
def encoder(tmp_path, monkeypatch):
    """The encoder's recipe, planned without a framework: its baseline is `onnx-fp32`."""
    return planned(NAME, tmp_path, discover(), monkeypatch)


def until(planning, stage):
    models = json.loads((GOLDEN / f"{NAME}.model.json").read_text())
    return make_plan(replace(planning, until=stage, memory=Known(models), _inspected={}))


def measured(plan):
    return {node.id for node in plan.measurements}


def test_what_it_compares_with_is_an_input_and_not_measured(encoder):
    plan, planning = encoder
    node = next(n for n in plan.measurements if n.id == "int8.measure.agreement")
    assert {p: e.node for p, e in node.inputs.items()} == {
        "subject": "int8",
        "baseline": "onnx-fp32",
        "data": "data.test",
    }
    compared = [one.evaluator for one in plan_view(plan, planning).measured["onnx-fp32"]]
    assert compared.count("measure.agreement") == 1  # of itself, not of the two others


def test_a_probe_is_judged_by_what_it_does_not_learn_from(encoder):
    plan, planning = encoder
    data = {one.evaluator: one.data for one in plan_view(plan, planning).measured["int8"]}
    assert data["measure.probe"] == "data.test"
    assert plan.diagnostics == ()


def test_without_the_baseline_nothing_is_compared_with_it(encoder):
    _, planning = encoder
    assert "int8.measure.agreement" not in measured(until(planning, "int8"))
    assert "int8.measure.probe" in measured(until(planning, "int8"))
    assert "onnx-fp32.measure.agreement" in measured(until(planning, "onnx-fp32"))
