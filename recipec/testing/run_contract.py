"""Checks of an operator's run, on real inputs; subclass them in a plugin's tests."""

from __future__ import annotations

import os
import shutil
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from recipec.api import Artifact, DataSource, Facts, Model, OperatorError, StageResult
from recipec.api.digests import digest_path
from recipec.testing.ambient import ambient_state, captured_stdout, changed, seed_everything
from recipec.testing.contexts import AlonePlanContext, AloneRunContext
from recipec.testing.contract import OperatorContract, assert_survive_json


@dataclass(frozen=True)
class Outcome:
    """One run, and all that can be said about it afterwards."""

    inputs: Mapping[str, Artifact[Any]]
    inputs_after: Mapping[str, str]
    context: AloneRunContext
    result: StageResult
    stdout: str
    changed: list[str]

    @property
    def digests(self) -> dict[str, str]:
        """The sha256 of each declared output that was made, by port."""
        ports = self.context.operator.outputs
        paths = {port: self.context.path_for(port) for port in ports}
        return {
            port: digest_path(path, ports[port].kind.unstable)
            for port, path in paths.items()
            if path.exists()
        }


class RunContract(OperatorContract):
    """Both halves of an operator: it is run twice, in two folders, from two random states.

        class TestShrink(RunContract):
            operator = Shrink
            ...

            def example_artifacts(self, folder):
                save_module(folder / "model", module, structure)
                return {"model": artifact(module_facts(module, inputs), folder / "model")}

    Keep the inputs small: this costs two runs, and two more that must fail on broken models.
    """

    reads_models: ClassVar[bool] = True
    """False for an operator that goes by facts and sizes and never opens a model's files."""

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        operator = getattr(cls, "operator", None)
        if operator is None:
            return
        # pytest collects functions only: a check that can't fail for this operator isn't one.
        if not cls.reads_models or not any(
            issubclass(port.kind, Model) for port in operator.inputs.values()
        ):
            cls.test_a_broken_model_is_a_clean_error = None  # type: ignore[assignment]
        if operator.machine_bound:
            cls.test_two_runs_make_the_same = None  # type: ignore[method-assign, assignment]

    @abstractmethod
    def example_artifacts(self, folder: Path) -> Mapping[str, Artifact[Any]]:
        """Make real inputs in `folder`, with facts read back from them (see `artifact`)."""

    @pytest.fixture(scope="class")
    @classmethod
    def runs(cls, tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Outcome]:
        """Two runs of the same, in two differently named folders."""
        contract = cls()
        name = cls.__name__
        return (
            contract._run(tmp_path_factory.mktemp(f"{name}-first"), seed=1),
            contract._run(tmp_path_factory.mktemp(f"{name}-the-second"), seed=2),
        )

    def _run(self, folder: Path, seed: int) -> Outcome:
        operator = self.make()
        self.prepare(folder)
        inputs = self.example_artifacts(folder)
        context = AloneRunContext(folder, operator)
        seed_everything(seed)
        before = ambient_state()
        try:
            with captured_stdout() as said:
                result = operator.run(inputs, context)
        finally:
            after = ambient_state()
            os.chdir(before["working directory"])
        digests = {port: digest_path(artifact.path) for port, artifact in inputs.items()}
        return Outcome(inputs, digests, context, result, said[0], changed(before, after))

    def _planned(self, run: Outcome) -> Mapping[str, Facts]:
        facts = {port: artifact.facts for port, artifact in run.inputs.items()}
        return self.make().plan(facts, AlonePlanContext(run.context.folder)).outputs

    def test_a_run_makes_every_output_with_its_kind(self, runs: tuple[Outcome, Outcome]) -> None:
        run, _ = runs
        for name, port in self.operator.outputs.items():
            if port.optional and name not in run.result.outputs:
                continue
            assert run.context.path_for(name).exists(), f"{name!r} is not at its path"
            if not issubclass(self.operator, DataSource):  # its facts are those it planned
                made = run.result.outputs.get(name)
                assert isinstance(made, port.kind), f"{name!r} is {made!r}, no {port.kind.kind}"
        undeclared = set(run.result.outputs) - set(self.operator.outputs)
        assert not undeclared, f"not declared as outputs: {undeclared}"

    def test_a_run_makes_what_was_planned(self, runs: tuple[Outcome, Outcome]) -> None:
        for run in runs:
            planned = self._planned(run)
            found = [
                f"{port}: {contradiction}"
                for port, made in run.result.outputs.items()
                for contradiction in planned[port].contradictions(made)
            ]
            assert found == []

    def test_made_facts_survive_json(self, runs: tuple[Outcome, Outcome]) -> None:
        assert_survive_json(runs[0].result.outputs)

    def test_two_runs_make_the_same(self, runs: tuple[Outcome, Outcome]) -> None:
        first, second = runs
        assert first.digests == second.digests, "the bytes differ from run to run"
        assert first.result == second.result, "facts, metrics or notes differ from run to run"

    def test_a_run_leaves_its_inputs_alone(self, runs: tuple[Outcome, Outcome]) -> None:
        for run in runs:
            for port, artifact in run.inputs.items():
                assert run.inputs_after[port] == artifact.digest, f"{port!r} was changed"

    def test_a_run_prints_nothing(self, runs: tuple[Outcome, Outcome]) -> None:
        # Standard output belongs to the command line: `--format json` must stay JSON.
        assert [run.stdout for run in runs] == ["", ""]

    def test_a_run_leaves_the_process_alone(self, runs: tuple[Outcome, Outcome]) -> None:
        assert [run.changed for run in runs] == [[], []]

    def test_metrics_are_named_once(self, runs: tuple[Outcome, Outcome]) -> None:
        metrics = runs[0].result.metrics
        keys = [(m.name, m.subject) for m in metrics]
        assert len(keys) == len(set(keys)), f"a metric is there twice: {keys}"

    def test_notes_name_no_folder_of_this_machine(self, runs: tuple[Outcome, Outcome]) -> None:
        for run in runs:
            assert [n for n in run.result.notes if str(run.context.folder) in n] == []

    @pytest.mark.parametrize("damage", ["garbage", "truncated"])
    def test_a_broken_model_is_a_clean_error(self, damage: str, tmp_path: Path) -> None:
        self.prepare(tmp_path)
        inputs = dict(self.example_artifacts(tmp_path))
        for port, whole in inputs.items():
            if not isinstance(whole.facts, Model):
                continue
            here = tmp_path / f"broken-{port}"
            broken = {**inputs, port: damaged(whole, here, DAMAGES[damage])}
            with pytest.raises(OperatorError) as raised:
                self.make().run(broken, AloneRunContext(here, self.make(), files=tmp_path))
            assert raised.value.message.strip()
            assert "Traceback" not in raised.value.message


def artifact(facts: Facts, path: Path) -> Artifact[Any]:
    """Make an artifact of a file or folder that is there, with its digest."""
    return Artifact(facts, path, digest_path(path, facts.unstable))


def _garbage(files: list[Path]) -> None:
    for file in files:
        file.write_bytes(bytes(range(255, -1, -1)) * 4)


def _truncated(files: list[Path]) -> None:
    largest = max(files, key=lambda file: file.stat().st_size)
    content = largest.read_bytes()
    largest.write_bytes(content[: len(content) // 2])


DAMAGES: Mapping[str, Callable[[list[Path]], None]] = {
    "garbage": _garbage,
    "truncated": _truncated,
}


def damaged(
    whole: Artifact[Any], folder: Path, damage: Callable[[list[Path]], None]
) -> Artifact[Any]:
    """Copy an artifact into `folder` and damage the copy."""
    path = folder / "broken" / whole.path.name
    path.parent.mkdir(parents=True)
    if whole.path.is_dir():
        shutil.copytree(whole.path, path)
    else:
        shutil.copy(whole.path, path)
    damage([path] if path.is_file() else sorted(f for f in path.rglob("*") if f.is_file()))
    return whole._replace(path=path, digest=digest_path(path))
