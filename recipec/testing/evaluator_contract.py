"""The contract of evaluators: a `RunContract`, and metrics that are what was declared."""

from __future__ import annotations

from pathlib import Path

from recipec.api import Evaluator
from recipec.api.metrics import contradictions
from recipec.testing.contexts import AlonePlanContext
from recipec.testing.offers import evaluator_faults
from recipec.testing.outcomes import Outcome
from recipec.testing.run_contract import RunContract, Runs


class EvaluatorContract(RunContract):
    """An evaluator, run on models that it measures.

    class TestAccuracy(EvaluatorContract):
        operator = Accuracy

        def good_params(self):
            return {"data": "test"}

        def example_facts(self): …

        def example_artifacts(self, folder):
            return {"subject": tiny_onnx(folder), "data": tiny_samples(folder)}
    """

    def test_its_metric_families_are_declared(self) -> None:
        assert list(evaluator_faults(self.operator)) == []

    def test_it_names_metrics_of_its_families(self) -> None:
        operator = self.make()
        assert isinstance(operator, Evaluator), "its class must be an Evaluator"
        names = operator.metric_names(operator.with_)
        assert names, "metric_names() names no metric for good_params()"
        strange = [n for n in names if not any(f.covers(n) for f in operator.families)]
        assert strange == [], (
            f"metric_names() gives {strange}, which are in none of its families; a gate on them "
            "would be refused: list them in MetricFamily.names"
        )

    def test_it_measures_what_it_names(self, runs: Runs) -> None:
        for run in runs:
            expected, measured = self._expected(run), self._measured(run)
            assert measured >= expected, (
                f"metric_names() and plan() promise {sorted(map(str, expected - measured))}, which "
                "the run didn't measure; say in StagePlan.unmeasured why one can't be had"
            )

    def test_its_metrics_keep_what_their_families_promise(self, runs: Runs) -> None:
        operator = self.make()
        assert isinstance(operator, Evaluator), "its class must be an Evaluator"
        found = list(contradictions(operator.families, runs[0].result.metrics))
        assert found == [], (
            f"{'; '.join(found)}: gates are read by the family's unit before anything is measured"
        )

    def _measured(self, run: Outcome) -> set[tuple[str, str | None]]:
        return {(metric.name, metric.subject) for metric in run.result.metrics}

    def _expected(self, run: Outcome) -> set[tuple[str, str | None]]:
        operator = self.make()
        assert isinstance(operator, Evaluator), "its class must be an Evaluator"
        facts = {port: artifact.facts for port, artifact in run.inputs.items()}
        plan = operator.plan(facts, AlonePlanContext(Path(run.context.folder)))
        names = operator.metric_names(operator.with_)
        if not operator.joint:
            return set() if plan.unmeasured else {(name, None) for name in names}
        subjects = [port for port, known in facts.items() if isinstance(known, operator.subjects)]
        return {(n, port) for port in subjects if port not in plan.unmeasured for n in names}
