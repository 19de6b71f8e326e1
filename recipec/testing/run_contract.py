"""Checks of an operator's run, on real inputs; subclass them in a plugin's tests."""

from __future__ import annotations

import random
import shutil
from abc import abstractmethod
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest

from recipec.api import Artifact, DataSource, Evaluator, Facts, Model, OperatorError
from recipec.testing.contexts import MADE, AlonePlanContext, AloneRunContext
from recipec.testing.contract import OperatorContract
from recipec.testing.damage import DAMAGES, damaged
from recipec.testing.example import no_check
from recipec.testing.outcomes import Apart, Outcome, digests_in, run_again_apart, run_here
from recipec.testing.plan_checks import assert_survive_json
from recipec.testing.processes import run_apart
from recipec.testing.versions import compare, made_by

Runs = tuple[Outcome, Outcome]


class RunContract(OperatorContract):
    """Both halves of an operator: run twice by one instance, in two folders, from two random
    states, and once more in another process.

        class TestShrink(RunContract):
            operator = Shrink
            ...

            def example_artifacts(self, folder):
                save_module(folder / "model", module, structure)
                return {"model": artifact(module_facts(module, inputs), folder / "model")}

    Keep the inputs small: this costs three runs, and two more that must fail on broken models.
    """

    reads_models: ClassVar[bool] = True
    """False for an operator that goes by facts and sizes and never opens a model's files."""

    uses_scratch: ClassVar[bool] = False
    """True for an operator that keeps something in `context.scratch`, which survives a killed run:
    then it is killed and started again."""

    same_everywhere: ClassVar[bool] = False
    """True for an operator whose bytes depend on its inputs and parameters alone, and on no version
    of a library or kind of processor. Then the digests of what it makes are in the golden file."""

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        operator = getattr(cls, "operator", None)
        if operator is None:
            return
        models = [port for port in operator.inputs.values() if issubclass(port.kind, Model)]
        joint = issubclass(operator, Evaluator) and operator.joint
        if not cls.reads_models or not (models or joint):
            no_check(cls, "test_a_broken_model_is_a_clean_error")
        if operator.machine_bound:
            no_check(cls, "test_two_runs_make_the_same")
        if not cls.uses_scratch:
            no_check(cls, "test_a_killed_run_goes_on_to_the_same")
        if not cls.same_everywhere:
            no_check(cls, "test_its_version_is_raised_when_it_makes_other_bytes")

    @abstractmethod
    def example_artifacts(self, folder: Path) -> Mapping[str, Artifact[Any]]:
        """Make real inputs in `folder`, with facts read back from them (see `artifact`)."""

    @pytest.fixture(scope="class")
    @classmethod
    def runs(cls, tmp_path_factory: pytest.TempPathFactory) -> Runs:
        """Two runs of the same, in two differently named folders."""
        contract = cls()
        name = cls.__name__
        operator = contract.make()
        return (
            contract._run(operator, tmp_path_factory.mktemp(f"{name}-first"), seed=1),
            contract._run(operator, tmp_path_factory.mktemp(f"{name}-the-second"), seed=2),
        )

    def _run(self, operator: Any, folder: Path, seed: int) -> Outcome:
        self.prepare(folder)
        return run_here(operator, self.example_artifacts(folder), folder, seed=seed)

    @pytest.fixture(scope="class")
    @classmethod
    def apart(cls, runs: Runs) -> Apart:
        """A run of the same in another process."""
        contract = cls()
        return run_again_apart(contract.make(), contract.good_params(), runs[0])

    def _planned(self, run: Outcome) -> Mapping[str, Facts]:
        facts = {port: artifact.facts for port, artifact in run.inputs.items()}
        return self.make().plan(facts, AlonePlanContext(run.context.folder)).outputs

    # What it makes

    def test_a_run_makes_every_output_with_its_kind(self, runs: Runs) -> None:
        run, _ = runs
        for name, port in self.operator.outputs.items():
            if port.optional and name not in run.result.outputs:
                continue
            assert run.context.path_for(name).exists(), (
                f"the run left nothing at context.path_for({name!r}); write the output there, a "
                "file with its kind's suffix or a folder"
            )
            if not issubclass(self.operator, DataSource):  # its facts are those it planned
                made = run.result.outputs.get(name)
                assert isinstance(made, port.kind), (
                    f"StageResult.outputs has {made!r} for {name!r}, which is declared as "
                    f"{port.kind.kind}; give the facts read back from what was written"
                )
        undeclared = set(run.result.outputs) - set(self.operator.outputs)
        assert not undeclared, (
            f"StageResult.outputs has {sorted(undeclared)}, which {self.operator.id} doesn't "
            "declare in `outputs`"
        )

    def test_a_run_makes_what_was_planned(self, runs: Runs) -> None:
        for run in runs:
            planned = self._planned(run)
            found = [
                f"{port}: {contradiction}"
                for port, made in run.result.outputs.items()
                for contradiction in (
                    planned[port].contradictions(made) if port in planned else ["not planned"]
                )
            ]
            assert found == [], (
                f"what was made isn't what plan() said: {'; '.join(found[:5])}. Plan what will be "
                "there, and UNKNOWN where only the run can tell; a recipe's run would stop here"
            )

    def test_a_run_changes_as_many_as_planned(self, runs: Runs) -> None:
        run, _ = runs
        facts = {port: artifact.facts for port, artifact in run.inputs.items()}
        planned = self.make().plan(facts, AlonePlanContext(run.context.folder)).changed
        assert planned.keys() == run.result.changed.keys(), (
            f"plan() counts changes {sorted(planned)}, and run() {sorted(run.result.changed)}; "
            "give the same names in StagePlan.changed and StageResult.changed"
        )
        for what, count in planned.items():
            if isinstance(count, int):
                assert run.result.changed[what] == count, (
                    f"{what}: planned {count}, made {run.result.changed[what]}; count in plan() "
                    "what run() changes, or plan UNKNOWN"
                )

    def test_made_facts_survive_json(self, runs: Runs) -> None:
        assert_survive_json(runs[0].result.outputs)

    def test_two_runs_make_the_same(self, runs: Runs) -> None:
        first, second = runs
        different = [port for port in first.digests if first.digests[port] != second.digests[port]]
        assert not different, (
            f"two runs of the same write other bytes into {different}, so nothing behind this "
            "stage can be reused. The usual reasons: a clock, a path, the order of a set, a seed "
            "that isn't context.seed, something kept from run to run"
        )
        assert first.result == second.result, (
            "two runs of the same give other facts, metrics or notes; they are stored with the "
            f"outputs and must be as repeatable: {first.result} and {second.result}"
        )

    def test_its_version_is_raised_when_it_makes_other_bytes(
        self, runs: Runs, tmp_path: Path, request: pytest.FixtureRequest
    ) -> None:
        planned = self.plan_in(tmp_path)
        now = made_by(self.make(), self.facts(), planned, runs[0].digests)
        compare(self.golden(request.path), now, self.operator.id)

    # What it leaves alone

    def test_a_run_leaves_its_inputs_alone(self, runs: Runs) -> None:
        for run in runs:
            for port, artifact in run.inputs.items():
                assert run.inputs_after[port] == artifact.digest, (
                    f"the run changed the files of its input {port!r}, which other stages read "
                    "too; work on a copy, and write to context.path_for() alone"
                )

    def test_a_run_keeps_nothing_in_the_operator(self, runs: Runs) -> None:
        kept = sorted({name for run in runs for name in run.kept})
        assert kept == [], (
            f"the run kept {kept} in the operator; nothing promises that the next call meets the "
            "same instance: pass it on in variables, or keep it in context.scratch"
        )

    def test_a_run_prints_nothing(self, runs: Runs) -> None:
        said = "".join(run.stdout for run in runs)
        assert not said, (
            f"the run prints {said[:200]!r}: standard output belongs to the command line, whose "
            "`--format json` must stay JSON; take context.progress(), notes, or logging"
        )

    def test_a_run_leaves_the_process_alone(self, runs: Runs) -> None:
        found = sorted({name for run in runs for name in run.changed})
        assert found == [], (
            f"the run changed {', '.join(found)}, and the stages after it run in the same process; "
            "put back what must be set (recipec.api.torch.reproducible does, for torch)"
        )

    def test_a_run_writes_only_its_outputs(self, apart: Apart) -> None:
        _skip_unless_run(apart)
        assert apart.strayed == [], (
            f"the run {'; '.join(apart.strayed[:5])}: only context.path_for() and context.scratch "
            "are its own. Temporary files belong into the scratch or tempfile's folder"
        )

    def test_metrics_are_named_once(self, runs: Runs) -> None:
        keys = [(m.name, m.subject) for m in runs[0].result.metrics]
        twice = sorted({f"{name} of {of}" for name, of in keys if keys.count((name, of)) > 1})
        assert twice == [], f"a metric is there twice, so nobody knows which counts: {twice}"

    def test_notes_name_no_folder_of_this_machine(self, runs: Runs) -> None:
        for run in runs:
            found = [n for n in run.result.notes if str(run.context.folder) in n]
            assert found == [], f"notes are stored and shown elsewhere; name no paths: {found}"

    # Where it runs

    def test_it_runs_in_another_process(self, runs: Runs, apart: Apart) -> None:
        assert apart.ended.raised is None, _failed_apart(apart)
        if not self.operator.machine_bound:
            assert apart.digests == runs[0].digests, (
                "run in another process, it writes other bytes: it goes by something that only "
                "this process has (a global, a closure, a class attribute, a random state); all "
                "that it needs must be in parameters and inputs"
            )

    def test_scratch_is_used_as_the_contract_says(self, apart: Apart) -> None:
        _skip_unless_run(apart)
        assert apart.used_scratch == self.uses_scratch, (
            "the run uses context.scratch, which survives a killed run: write `uses_scratch = "
            "True` in the contract, so that it is killed and started again there"
            if apart.used_scratch
            else "the contract says `uses_scratch = True`, and the run didn't use "
            "context.scratch; take the line out"
        )

    def test_a_killed_run_goes_on_to_the_same(self, runs: Runs, tmp_path: Path) -> None:
        """Kill it at two moments, soon after something is in its scratch and at random."""
        first, operator = runs[0], self.make()
        seed = random.SystemRandom().randrange(10**6)
        moments, killed = random.Random(seed), 0
        here = tmp_path / "killed"
        for kill in (
            {"after_scratch": moments.uniform(0, 0.02)},
            {"seconds": moments.uniform(0.02, 0.5)},
            None,
        ):
            ended = run_apart(
                self.operator, self.good_params(), first.inputs, here, first.context.folder, kill
            )
            if ended.killed:
                killed += 1
                shutil.rmtree(here / MADE, ignore_errors=True)  # recipec keeps the scratch alone
                continue
            assert ended.raised is None, (
                f"killed at a random moment (seed {seed}) and started again in the same scratch, "
                f"the run failed: {ended.raised}. Write checkpoints aside and rename them into "
                f"place, and begin anew where one can't be read\n{ended.stderr}"
            )
            break
        if not killed:
            pytest.skip("the run was over before it could be killed")
        made = digests_in(here, operator)
        different = sorted(port for port in made if made[port] != first.digests[port])
        assert not different, (
            f"killed (seed {seed}) and started again, it writes other bytes into {different} than "
            "in one go: a checkpoint must hold all that the rest depends on (optimizer, schedule, "
            "random states, place in the data), and be whole or not there"
        )

    @pytest.mark.parametrize("damage", ["garbage", "truncated"])
    def test_a_broken_model_is_a_clean_error(self, damage: str, tmp_path: Path) -> None:
        self.prepare(tmp_path)
        inputs = dict(self.example_artifacts(tmp_path))
        for port, whole in inputs.items():
            if not isinstance(whole.facts, Model):
                continue
            here = tmp_path / f"broken-{port}"
            broken = {**inputs, port: damaged(whole, here, DAMAGES[damage])}
            context = AloneRunContext(here, self.make(), files=tmp_path)
            raised = _raised(partial(self.make().run, broken, context))
            assert raised is not None, (
                f"run() took a model {_DAMAGED[damage]} on {port!r} and said nothing; read it so "
                "that what is broken is found, or state `reads_models = False`"
            )
            # Whatever else comes, a user would see it as a bug of recipec's.
            assert isinstance(raised, OperatorError), (
                f"given a model {_DAMAGED[damage]}, run() raised {type(raised).__name__}: {raised}."
                " Raise OperatorError with a sentence about the model instead"
            )
            assert raised.message.strip(), "the OperatorError says nothing; say what is broken"
            assert "Traceback" not in raised.message, "a traceback is no message for a user"


def _raised(call: Callable[[], object]) -> Exception | None:
    try:
        call()
    except Exception as problem:  # it is looked at
        return problem
    return None


_DAMAGED = {"garbage": "whose files hold garbage", "truncated": "whose largest file is cut short"}


def _skip_unless_run(apart: Apart) -> None:
    if apart.ended.raised is not None:
        pytest.skip("it doesn't run in another process, as another check says")


def _failed_apart(apart: Apart) -> str:
    return (
        "it doesn't run in another process, from its JSON parameters and input paths: "
        f"{apart.ended.raised}. All that it needs must be importable there\n{apart.ended.stderr}"
    )
