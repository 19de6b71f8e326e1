"""The main job on real data: train → prune → retrain → int8 → ONNX → TensorRT → benchmark."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from e2e_folder import run_recipe

pytestmark = pytest.mark.frameworks

PLAIN_ONNXRUNTIME = """
import json, sys
import numpy as np, onnxruntime as ort
from sklearn.datasets import load_digits
samples = json.load(open(sys.argv[2]))
session = ort.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
x, labels = np.load(samples["x"]), np.load(samples["y"])
(logits,) = session.run(None, {session.get_inputs()[0].name: x})
print(json.dumps(float((logits.argmax(1) == labels).mean())))
"""


def made_model(stage):
    (facts,) = [f for f in stage.made.values() if "layers" in f]
    return facts


def layers(facts):
    return {
        layer["name"]: [(t["name"], t["shape"], t["dtype"]) for t in layer["tensors"]]
        for layer in facts["layers"]["layers"]
    }


def test_everything_promised_is_there(seven_steps):
    left = {
        p.relative_to(seven_steps.out).as_posix() for p in seven_steps.out.rglob("*") if p.is_file()
    }
    assert left == {
        "run.json",
        "plan.json",
        "report.html",
        "report.md",
        "artifacts/onnx.onnx",
        "artifacts/engine.engine",
        "artifacts/engine.layers.json",
    }


def test_the_engine_is_for_two_compute_capabilities(seven_steps):
    facts = seven_steps.record.stage("engine").made["engine"]
    assert facts["compute_capabilities"] == ["8.0", "8.9"]
    assert seven_steps.record.stage("engine").sizes["engine"] > 10_000


def test_at_least_two_fifths_of_the_prunable_channels_are_gone(seven_steps):
    prune = seven_steps.record.stage("prune")
    assert prune.metric("channels.after").value <= 0.6 * prune.metric("channels.before").value


def test_the_gates_pass_on_enough_samples(seven_steps):
    record = seven_steps.record
    assert [gate.verdict for gate in record.gates] == ["pass", "pass"]
    assert record.stage("onnx").metric("accuracy").count >= 450


def test_the_accuracy_is_that_of_plain_onnxruntime(seven_steps, tmp_path):
    import numpy as np

    from recipec.api import Artifact
    from recipec.api.data import open_samples
    from recipec.testing import AlonePlanContext, AloneRunContext
    from recipec_data.digits import Digits, DigitsParams

    source = Digits(DigitsParams(split="test"))
    context = AloneRunContext(tmp_path, source)
    source.run({}, context)
    facts = source.plan({}, AlonePlanContext(tmp_path)).outputs["samples"]
    samples = open_samples(Artifact(facts, context.path_for("samples"), ""))
    batch = samples.take(range(len(samples)))
    np.save(tmp_path / "x.npy", next(iter(batch.inputs.values())))
    np.save(tmp_path / "y.npy", batch.labels)
    (tmp_path / "samples.json").write_text(
        json.dumps({"x": str(tmp_path / "x.npy"), "y": str(tmp_path / "y.npy")})
    )
    model = str(seven_steps.out / "artifacts" / "onnx.onnx")
    done = subprocess.run(
        [sys.executable, "-c", PLAIN_ONNXRUNTIME, model, str(tmp_path / "samples.json")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == seven_steps.record.stage("onnx").metric("accuracy").value


@pytest.mark.parametrize(
    "id",
    ["model", "trained", "prune", "retrain", "int8", "onnx", "onnx-fp32", "int8-trt", "onnx-trt"],
)
def test_what_was_made_is_what_was_planned(seven_steps, id):
    stage = seven_steps.record.stage(id)
    (planned,) = [f for f in stage.planned.values() if "layers" in f]
    made = made_model(stage)
    assert planned["layers"] != "unknown"
    assert layers(planned) == layers(made)
    for name in ("positions", "type", "folds_into"):
        assert [x[name] for x in planned["layers"]["layers"]] == [
            x[name] for x in made["layers"]["layers"]
        ]


def test_a_second_run_reuses_every_stage_and_imports_no_framework(seven_steps):
    folder = seven_steps.out.parent
    script = (
        "import json, sys\n"
        "from recipec.cli.main import main\n"
        "try:\n    main(['compile', 'seven-steps.yaml', '-o', 'again', '--store', 'store', '-q'])\n"
        "except SystemExit as ended:\n    code = ended.code\n"
        "heavy = {'torch', 'numpy', 'onnx', 'onnxruntime', 'tensorrt_rtx', 'sklearn'}\n"
        "print(json.dumps([code, sorted(heavy & set(sys.modules))]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [0, []]
    record = json.loads((folder / "again" / "run.json").read_text())
    nodes = record["stages"] + record["measurements"]
    assert {node["status"] for node in nodes if node["status"] != "blocked"} == {"reused"}


def test_another_store_in_another_folder_gives_the_same_digests(seven_steps, recipe_folder):
    folder = recipe_folder("elsewhere")
    done = run_recipe(folder, name="other-out")
    assert done.returncode == 0, done.stderr
    other = json.loads((folder / "other-out" / "run.json").read_text())
    digests = {s["id"]: s["digests"] for s in other["stages"]}
    assert digests == {s.id: s.digests for s in seven_steps.record.stages}


def test_a_run_killed_in_training_goes_on_to_the_same_digests(seven_steps, recipe_folder):
    folder = recipe_folder("killed")
    command = [sys.executable, "-m", "recipec.cli.main", "compile", "seven-steps.yaml"]
    command += ["--until", "trained", "-o", "out", "--store", "store"]
    running = subprocess.Popen(
        command, cwd=folder, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    while running.poll() is None and not list(folder.glob("store/v1/work/*/*.safetensors")):
        time.sleep(0.02)
    os.kill(running.pid, signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL, "training ended before it could be killed"
    assert list(folder.glob("store/v1/work/*/*.safetensors"))
    done = run_recipe(folder, "--until", "trained")
    assert done.returncode == 0, done.stderr
    record = json.loads((folder / "out" / "run.json").read_text())
    trained = next(s for s in record["stages"] if s["id"] == "trained")
    assert trained["digests"] == seven_steps.record.stage("trained").digests


def test_a_pruned_model_loads_elsewhere_from_its_artifact_alone(seven_steps, tmp_path):
    key = seven_steps.record.stage("retrain").key
    shutil.copytree(next(seven_steps.store.rglob(f"entries/*/{key}/model")), tmp_path / "model")
    script = (
        "import sys, torch\n"
        "from pathlib import Path\n"
        "from recipec.api.torch import load_module\n"
        "module = load_module(Path('model'))\n"
        "torch.manual_seed(0)\n"
        "print(module(torch.rand(4, 1, 8, 8)).sum().item(), 'torch_pruning' in sys.modules)\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script], cwd=place, capture_output=True, text=True, check=True
        ).stdout
        for place in (tmp_path, next(seven_steps.store.rglob(f"entries/*/{key}/model")).parent)
    }
    assert len(outputs) == 1
    assert "False" in outputs.pop()


def test_no_plugin_leaves_the_process_changed(seven_steps):
    assert [d["code"] for d in seven_steps.record.diagnostics] == []


def test_no_temporary_files_are_left(seven_steps):
    assert list((seven_steps.store / "v1" / "staging").iterdir()) == []
    assert [p.name for p in seven_steps.out.parent.iterdir() if p.name.startswith(".")] == []
