"""Contracts of evaluators and data sources: each planted fault is caught."""

from pathlib import Path

import pytest

from recipec.api import (
    DataSamples,
    DataSource,
    Evaluator,
    Metric,
    MetricFamily,
    OnnxModel,
    StagePlan,
    StageResult,
    TensorSpec,
)
from recipec.testing import DataContract, EvaluatorContract, artifact

LINES = MetricFamily(
    name="lines",
    names=("lines.all", "lines.empty"),
    summary="lines of a file",
    unit="1",
    better="lower",
)


class CountLines(Evaluator):
    id, version, summary = "acme.lines", 1, "Count lines"
    families, subjects = (LINES,), OnnxModel
    measured = ("lines.all", "lines.empty")
    unit = "1"

    @classmethod
    def metric_names(cls, params):
        return ("lines.all", "lines.empty")

    def plan(self, inputs, context):
        return StagePlan()

    def run(self, inputs, context):
        made = (Metric(name=n, value=1, unit=self.unit, better="lower") for n in self.measured)
        return StageResult(metrics=tuple(made))


class MissesOne(CountLines):
    measured = ("lines.all",)


class OtherUnit(CountLines):
    unit = "bytes"


class NamesAnother(CountLines):
    @classmethod
    def metric_names(cls, params):
        return ("lines.long",)


class SaysWhyNot(MissesOne):
    def plan(self, inputs, context):
        return StagePlan(unmeasured={"subject": "not measured: it has no lines"})


class NoFamilies(CountLines):
    families = ()


def evaluator_faults(operator, tmp_path):
    class Contract(EvaluatorContract):
        def good_params(self):
            return {}

        def example_facts(self):
            return {"subject": OnnxModel()}

        def example_artifacts(self, folder):
            (folder / "m.onnx").write_bytes(b"a\n\nb")
            return {"subject": artifact(OnnxModel(), folder / "m.onnx")}

    Contract.operator = operator
    contract = Contract()
    run = contract._run(contract.make(), tmp_path, seed=0)
    found = {}
    for check in (
        contract.test_its_metric_families_are_declared,
        contract.test_it_names_metrics_of_its_families,
        lambda: contract.test_it_measures_what_it_names((run, run)),
        lambda: contract.test_its_metrics_keep_what_their_families_promise((run, run)),
    ):
        try:
            check()
        except AssertionError as problem:
            found[operator] = found.get(operator, "") + str(problem)
    return found.get(operator, "")


@pytest.mark.parametrize("operator", [CountLines, SaysWhyNot])
def test_a_good_evaluator_passes(operator, tmp_path):
    assert evaluator_faults(operator, tmp_path) == ""


@pytest.mark.parametrize(
    ("operator", "said"),
    [
        (MissesOne, "('lines.empty', None)"),
        (OtherUnit, "lines.all has the unit 'bytes'"),
        (NamesAnother, "['lines.long'], which are in none of its families"),
        (NoFamilies, "it has no metric families"),
    ],
)
def test_what_is_wrong_with_an_evaluator_is_told(operator, said, tmp_path):
    assert said in evaluator_faults(operator, tmp_path)


class Drawn(DataSource):
    id, version, summary = "acme.drawn", 1, "Random samples"
    loader = "recipec.testing._tiny:draw"
    facts = DataSamples(count=6, inputs=(TensorSpec(name="x", shape=("N", 2)),), classes=3)
    drawn = {"count": 6, "shape": [2], "classes": 3, "seed": 0}

    def plan(self, inputs, context):
        return StagePlan({"samples": self.facts})

    def arguments(self, context):
        return self.drawn


class TooFew(Drawn):
    drawn = {**Drawn.drawn, "count": 5}


class OtherShape(Drawn):
    drawn = {**Drawn.drawn, "shape": [3]}


class OtherName(Drawn):
    facts = Drawn.facts.model_copy(update={"inputs": (TensorSpec(name="y", shape=("N", 2)),)})


class MoreClasses(Drawn):
    drawn = {**Drawn.drawn, "classes": 4}


class Unlabelled(Drawn):
    facts = Drawn.facts.model_copy(update={"classes": None})


class Unseeded(Drawn):
    loader = f"{__name__}:unseeded"


class LightLoader(Drawn):
    loader = "recipec.testing.tiny:draw"


def data_contract(source):
    class Contract(DataContract):
        operator = source

        def good_params(self):
            return {}

    return Contract()


def unseeded(**arguments):
    import random

    from recipec.testing._tiny import draw

    return draw(**{**arguments, "seed": random.randrange(10**6)})


@pytest.mark.frameworks
def test_a_good_source_passes(tmp_path):
    contract = data_contract(Drawn)
    contract.test_its_samples_are_as_planned(tmp_path / "a")
    contract.test_its_samples_are_the_same_every_time(tmp_path / "b")
    contract.test_its_loader_is_in_a_heavy_module()


@pytest.mark.frameworks
@pytest.mark.parametrize(
    ("source", "said"),
    [
        (TooFew, "planned 6 samples, found 5"),
        (OtherShape, r"planned samples x: \[N, 2\] float32, found x: \[N, 3\]"),
        (OtherName, r"planned samples y: \[N, 2\] float32, found x"),
        (MoreClasses, "3 classes were planned, and labels go from 0 to 3"),
        (Unlabelled, "planned samples without labels, found the opposite"),
    ],
)
def test_samples_that_are_not_as_planned_are_told(source, said, tmp_path):
    with pytest.raises(AssertionError, match=said):
        data_contract(source).test_its_samples_are_as_planned(tmp_path)


@pytest.mark.frameworks
def test_samples_that_change_are_told(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])
    with pytest.raises(AssertionError, match="must come from a seed"):
        data_contract(Unseeded).test_its_samples_are_the_same_every_time(tmp_path)


def test_a_loader_in_a_light_module_is_told():
    with pytest.raises(AssertionError, match=r"must be named `_….py`"):
        data_contract(LightLoader).test_its_loader_is_in_a_heavy_module()


def test_data_from_files_may_name_their_folder():
    class OfFiles(DataContract):
        operator = Drawn

        def good_params(self):
            return {}

        def prepare(self, folder: Path):
            """Files would be put there."""

    assert OfFiles.test_two_runs_make_the_same is None
    assert data_contract(Drawn).test_two_runs_make_the_same is not None
