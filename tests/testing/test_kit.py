"""The contexts, the capture of standard output, and which checks an operator gets."""

import os
import tomllib
from pathlib import Path
from typing import ClassVar

import pytest

from recipec.api import (
    Model,
    OnnxModel,
    Operator,
    OperatorError,
    Port,
    Requirement,
    Scores,
    StagePlan,
    StageResult,
)
from recipec.testing import (
    FRAMEWORKS,
    AlonePlanContext,
    BarePlanContext,
    RunContract,
    artifact,
    run_alone,
)
from recipec.testing.ambient import ambient_state, captured_stdout, changed, seed_everything
from recipec.testing.processes import plan_apart

ROOT = Path(__file__).parents[2]


class Count(Operator):
    id = "acme.count"
    version = 1
    summary = "Count a file's bytes"
    inputs: ClassVar = {"model": Port(OnnxModel, "a file")}
    outputs: ClassVar = {"scores": Port(Scores, "how many bytes")}

    def plan(self, inputs, context):
        counted = context.inspect(f"{__name__}:count_up", {"to": 3}) if inputs else None
        return StagePlan({"scores": Scores()}, effects=(f"{counted}",))

    def run(self, inputs, context):
        context.progress(1, 1, "counting")
        size = inputs["model"].size
        context.path_for("scores").write_text(f"{size} {context.seed} {context.threads}")
        return StageResult({"scores": Scores(count=size)})


def test_an_operator_runs_alone(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"12345")
    model = artifact(OnnxModel(), tmp_path / "model.onnx")
    made, context = run_alone(
        Count(Count.params()), {"model": model}, tmp_path / "run", seed=7, threads=2
    )
    assert made["scores"].facts == Scores(count=5)
    assert made["scores"].path == tmp_path / "run" / "made" / "scores.json"
    assert made["scores"].path.read_text() == "5 7 2"
    assert context.said == ["counting"]


def test_an_output_that_was_not_written_is_an_error(tmp_path):
    class Forgets(Count):
        def run(self, inputs, context):
            return StageResult({"scores": Scores()})

    with pytest.raises(FileNotFoundError):
        run_alone(Forgets(Count.params()), {}, tmp_path)


def test_a_machine_lacks_what_it_is_said_to_lack():
    context = AlonePlanContext(Path(), lacks=frozenset({"cuda"}))
    assert context.missing(Requirement("cuda>=12")) == "needs cuda>=12"
    assert context.missing(Requirement("python:torch")) is None
    assert BarePlanContext(Path()).missing(Requirement("python:torch")) == "needs python:torch"


def test_an_inspection_is_made_once_and_its_answer_is_json(tmp_path, monkeypatch):
    (tmp_path / "asked.py").write_text(
        "times = []\ndef ask(to):\n    times.append(to)\n    return (len(times), to)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    context = AlonePlanContext(tmp_path)
    assert context.inspect("asked:ask", {"to": 3}) == [1, 3]
    assert context.inspect("asked:ask", {"to": 3}) == [1, 3]
    assert context.inspect("asked:ask", {"to": 4}) == [2, 4]


def test_what_is_blocked_in_the_child_is_what_the_linter_bans():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert sorted(FRAMEWORKS) == sorted(
        settings["flake8-tidy-imports"]["banned-module-level-imports"]
    )


def test_a_plan_is_made_again_from_remembered_answers_alone(tmp_path):
    answers = {'["%s:count_up", {"to": 3}, null]' % __name__: "remembered"}  # noqa: UP031
    apart = plan_apart(Count, {}, {"model": OnnxModel()}, tmp_path, answers)
    assert apart.answer["plan"]["effects"] == ["remembered"]


def test_a_plan_that_fails_in_the_child_shows_where(tmp_path):
    apart = plan_apart(Count, {}, {"model": OnnxModel()}, tmp_path, {})
    assert "count_up" in apart.raised
    assert "in plan\n" in apart.stderr


def test_what_python_and_what_a_library_prints_is_captured_in_order(capfd):
    with captured_stdout() as said:
        print("python", flush=True)
        os.write(1, b"library\n")
    print("afterwards")
    assert said == ["python\nlibrary\n"]
    assert capfd.readouterr().out == "afterwards\n"


def test_the_ambient_state_tells_what_changed(tmp_path, monkeypatch):
    monkeypatch.chdir(Path.cwd())
    monkeypatch.setenv("ACME", "1")
    before = ambient_state()
    assert changed(before, ambient_state()) == []
    os.chdir(tmp_path)
    monkeypatch.setenv("ACME", "2")
    seed_everything(3)
    assert {"working directory", "environment variable ACME", "random"} <= set(
        changed(before, ambient_state())
    )


@pytest.mark.frameworks
def test_frameworks_are_part_of_the_ambient_state():
    np = pytest.importorskip("numpy")
    torch = pytest.importorskip("torch")
    seed_everything(1)
    before = ambient_state()
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(threads + 1)
        np.random.rand()
        torch.rand(1)
        assert changed(before, ambient_state()) == [
            "numpy.random",
            "torch's random state",
            "torch's thread count",
        ]
    finally:
        torch.set_num_threads(threads)
    seed_everything(1)
    assert changed(before, ambient_state()) == []


class CountContract(RunContract):
    operator = Count

    def good_params(self):
        return {}

    def example_facts(self):
        return {"model": OnnxModel()}

    def example_artifacts(self, folder):
        return {}


def checks(contract):
    return {name for name in dir(contract) if name.startswith("test_") and getattr(contract, name)}


def test_checks_that_could_not_fail_are_not_collected():
    class TimedCount(Count):
        machine_bound = True

    class CountNothing(Count):
        inputs: ClassVar = {}

    class Timed(CountContract):
        operator = TimedCount

    class WithoutModels(CountContract):
        operator = CountNothing

    class BySizeAlone(CountContract):
        reads_models = False

    everything = checks(CountContract)
    assert everything - checks(Timed) == {"test_two_runs_make_the_same"}
    assert everything - checks(WithoutModels) == {"test_a_broken_model_is_a_clean_error"}
    assert everything - checks(BySizeAlone) == {"test_a_broken_model_is_a_clean_error"}


def test_an_artifact_is_made_of_a_file_that_is_there(tmp_path):
    (tmp_path / "m.onnx").write_bytes(b"a")
    made = artifact(Model(), tmp_path / "m.onnx")
    assert made.digest == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
    with pytest.raises(FileNotFoundError):
        artifact(Model(), tmp_path / "n.onnx")


def test_operator_errors_pass_through(tmp_path):
    class Refuses(Count):
        def run(self, inputs, context):
            raise OperatorError("no")

    with pytest.raises(OperatorError, match="no"):
        run_alone(Refuses(Count.params()), {}, tmp_path)
