"""What was made is what was asked for: gates count, nothing stale is reused, nothing is dropped."""

import json

import pytest

CALIBRATION = """\
import sys
import numpy as np
draw = np.random.default_rng(int(sys.argv[1]))
np.savez("calibration.npz", x=draw.random((32, 1, 8, 8), dtype="float32"))
"""
EVALUATION = """\
import numpy as np


def samples():
    draw = np.random.default_rng({seed})
    return draw.random((40, 1, 8, 8), dtype="float32"), draw.integers(0, 10, 40)
"""


def actions(answer):
    """Give what a plan (as JSON) does with each stage and measurement, and why."""
    nodes = answer.data["nodes"]
    return {n["id"]: (n["action"], n["reason"]) for n in nodes if n["role"] != "data"}


def test_a_gate_that_is_missed_fails_the_command_and_the_report_says_by_how_much(toy_place):
    answer = toy_place.recipec("compile", "toy-missed-gate.yaml", "-o", "out")
    report = (toy_place.folder / "out" / "report.md").read_text()
    assert answer.code == 5
    assert answer.err.count("error[gate]") == 2
    for said in (answer.err, report):
        assert "right is 98.67%, 1.23pp below 0.999" in said
        assert "numbers.count is 2.00x better than on model, short of 10x by a factor of 5" in said


@pytest.mark.frameworks
def test_gates_on_accuracy_and_speed_that_are_missed_fail_the_command(place):
    answer = place.recipec("compile", "missed-gates.yaml", "-o", "out")
    report = (place.folder / "out" / "report.md").read_text()
    record = json.loads((place.folder / "out" / "run.json").read_text())
    accuracy, speed = record["gates"]
    assert answer.code == 5
    assert answer.err.count("error[gate]") == 2
    assert [gate["verdict"] for gate in record["gates"]] == ["fail", "fail"]
    assert 0 < accuracy["value"] < 0.5
    assert "below 0.99" in accuracy["message"]
    assert "short of 5x by a factor of" in speed["message"]
    assert accuracy["message"] in answer.err
    assert accuracy["message"] in report
    assert 0 < speed["value"] < 5
    assert speed["message"] in answer.err
    assert speed["message"].replace("@", "@<!-- -->") in report


def test_data_that_was_edited_runs_what_read_it_again_and_the_plan_says_so(toy_place):
    recipe = "toy-edited-data.yaml"
    for name in ("calibration.json", "evaluation.json"):
        (toy_place.folder / name).write_text("[1, 2, 3]")
    assert toy_place.recipec("compile", recipe).code == 0
    planned = toy_place.recipec("compile", recipe, "--dry-run", "--format", "json")
    assert {action for action, _ in actions(planned).values()} == {"reuse"}

    (toy_place.folder / "calibration.json").write_text("[1, 2, 4]")
    planned = actions(toy_place.recipec("compile", recipe, "--dry-run", "--format", "json"))
    assert planned["scaled"] == ("run", "changed: data.calibration")
    assert planned["packed"] == ("run", "scaled runs first")
    (toy_place.folder / "calibration.json").write_text("[1, 2, 3]")

    (toy_place.folder / "evaluation.json").write_text("[1, 2, 5]")
    planned = actions(toy_place.recipec("compile", recipe, "--dry-run", "--format", "json"))
    assert planned["scaled"][0] == planned["packed"][0] == "reuse"
    assert planned["scaled.toys.right"] == ("run", "changed: data.test")
    assert planned["scaled.toys.size"][0] == "reuse"
    shown = toy_place.recipec("compile", recipe, "--dry-run").out
    assert "changed: data.test" in shown


@pytest.mark.frameworks
def test_calibration_data_and_the_evaluation_script_are_part_of_what_is_reused(place):
    import subprocess
    import sys

    def calibrate(seed):
        command = [sys.executable, "-c", CALIBRATION, str(seed)]
        subprocess.run(command, cwd=place.folder, check=True)

    def evaluate(seed):
        (place.folder / "evaluation.py").write_text(EVALUATION.format(seed=seed))

    def planned():
        return actions(
            place.recipec("compile", "edited-data.yaml", "--dry-run", "--format", "json")
        )

    calibrate(0)
    evaluate(0)
    assert place.recipec("compile", "edited-data.yaml", "-q").code == 0
    assert {action for action, _ in planned().values()} == {"reuse"}

    calibrate(1)
    after = planned()
    assert after["int8"] == ("run", "changed: data.calibration")
    assert after["onnx"] == ("run", "int8 runs first")
    calibrate(0)

    evaluate(1)
    after = planned()
    assert after["int8"][0] == after["onnx"][0] == "reuse"
    assert after["onnx.measure.accuracy"] == ("run", "changed: data.test")


def test_the_documented_schema_key_is_accepted(place):
    assert place.recipec("validate", "schema-key.yaml").code == 0


def test_the_schema_knows_the_parameters_of_every_operator(place):
    schema = json.loads(place.recipec("schema").out)
    text = json.dumps(schema)
    operators = place.recipec("plugins", "--format", "json").data["plugins"]
    for operator in (o["id"] for plugin in operators for o in plugin["operators"]):
        assert f'"{operator}"' in text or operator.startswith("measure.")
    assert "$schema" in schema["properties"]
    for parameter in ("round_to", "calibration", "epochs", "compute_capabilities"):
        assert f'"{parameter}": {{' in text


def test_a_technique_that_is_used_twice_runs_twice(toy_place):
    answer = toy_place.recipec("compile", "toy-technique-used-twice.yaml", "-o", "out")
    record = json.loads((toy_place.folder / "out" / "run.json").read_text())
    counts = {
        stage["id"]: metric["value"] for stage in record["stages"] for metric in stage["metrics"]
    }
    assert answer.code == 0
    assert [s["status"] for s in record["stages"]] == ["ran", "ran", "ran"]
    assert counts == {"first": 4, "second": 2}


@pytest.mark.frameworks
def test_pruning_twice_prunes_twice(place):
    answer = place.recipec("compile", "technique-used-twice.yaml", "-o", "out", "-q")
    record = json.loads((place.folder / "out" / "run.json").read_text())
    parameters = [
        metric["value"]
        for stage in record["stages"]
        for metric in stage["metrics"]
        if metric["name"] == "parameters"
    ]
    assert answer.code == 0
    assert [s["status"] for s in record["stages"]] == ["ran", "ran", "ran"]
    assert parameters == sorted(parameters, reverse=True)
    assert len(set(parameters)) == 2
