"""`measure.probe`: a classifier on embeddings, against scikit-learn's plain calls."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from recipec.api import DataSamples, Facts, Learning, OperatorError, TensorSpec, TorchModule
from recipec.api.metrics import contradictions
from recipec.testing import AlonePlanContext, AloneRunContext, EvaluatorContract
from recipec_measure.probe import Probe

PARTS = """
import numpy as np
from recipec.api.data import ArraySamples

def load(path, first, labels):
    arrays = np.load(path)
    part = slice(0, 200) if first else slice(200, None)
    y = {"own": arrays["y"], "one": np.zeros_like(arrays["y"])}[labels]
    return ArraySamples({"x": arrays["x"][part]}, y[part])
"""


def evaluator(**params: Any) -> Probe:
    return Probe(Probe.params.model_validate({"train": "train", "data": "test", **params}))


@pytest.fixture(scope="module")
def halves(folder, data):
    """Make the training or the test half of the samples, with their labels or others."""
    from recipec.api.data.reference import write_reference
    from recipec.testing import artifact

    data()  # writes the arrays, and lets modules in `folder` be imported
    (folder / "prototype_halves.py").write_text(PARTS)

    def make(first: bool, labels: str = "own"):
        path = folder / f"half-{first}-{labels}.json"
        arguments = {"path": str(folder / "arrays.npz"), "first": first, "labels": labels}
        write_reference(path, "prototype_halves:load", arguments)
        spec = TensorSpec(name="x", shape=("N", 64))
        facts = DataSamples(count=200 if first else 303, inputs=(spec,), classes=10)
        return artifact(facts, path)

    return make


@pytest.mark.frameworks
class TestContract(EvaluatorContract):
    operator = Probe

    def good_params(self) -> Mapping[str, Any]:
        return {"train": "train", "data": "test"}

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _models(cls, onnx_model, halves):
        cls.made = {"subject": onnx_model(), "train": halves(True), "data": halves(False)}

    def example_facts(self) -> Mapping[str, Facts]:
        return {port: made.facts for port, made in self.made.items()}

    def example_artifacts(self, folder):
        return self.made


@pytest.mark.frameworks
@pytest.mark.parametrize("form", ["torch", "onnx"])
def test_it_is_what_scikit_learn_gives(
    form, tmp_path, torch_module, onnx_model, halves, prototypes
):
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    subject = {"torch": torch_module, "onnx": onnx_model}[form]()
    operator = evaluator(c=0.1)
    context = AloneRunContext(tmp_path, operator)
    inputs = {"subject": subject, "train": halves(True), "data": halves(False)}
    result = operator.run(inputs, context)
    (metric,) = result.metrics
    assert list(contradictions(Probe.families, result.metrics)) == []

    vectors = (prototypes.x @ prototypes.weight.T + prototypes.bias).astype(np.float64)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    reference = LogisticRegression(C=0.1, max_iter=5000).fit(vectors[:200], prototypes.y[:200])
    right = reference.predict(vectors[200:]) == prototypes.y[200:]
    assert 0.3 < right.mean() < 1
    # float32 in another order of summing may turn a sample that lies on the border
    assert abs(metric.value - right.mean()) <= 1 / 303
    assert metric.count == 303
    assert metric.interval.low < metric.value < metric.interval.high
    scores = json.loads(context.path_for("scores").read_text())["probe"]
    assert sum(scores) / len(scores) == metric.value


@pytest.mark.frameworks
def test_samples_of_one_class_are_an_error(tmp_path, onnx_model, halves):
    operator = evaluator()
    inputs = {"subject": onnx_model(), "train": halves(True, "one"), "data": halves(False)}
    with pytest.raises(OperatorError, match="all samples have one class") as raised:
        operator.run(inputs, AloneRunContext(tmp_path, operator))
    assert raised.value.at == ("train",)


MODEL = TorchModule(
    inputs=(TensorSpec(name="x", shape=("N", 64)),),
    outputs=(TensorSpec(name="output", shape=("N", 10)),),
)
SAMPLES = DataSamples(count=100, inputs=(TensorSpec(name="x", shape=("N", 64)),), classes=10)


def test_it_learns_from_the_one_and_is_judged_by_the_other(tmp_path):
    inputs = {"subject": MODEL, "train": SAMPLES, "data": SAMPLES}
    planned = evaluator().plan(inputs, AlonePlanContext(tmp_path))
    assert planned.learns_from == {"train": Learning(how="trains")}


@pytest.mark.parametrize(
    ("params", "changed", "update", "message", "at"),
    [
        ({"train": "test"}, "train", {}, "tested on what it learnt", ("train",)),
        ({}, "train", {"classes": None}, "needs labels", ("train",)),
        ({}, "data", {"classes": None}, "needs labels", ("data",)),
        ({}, "data", {"classes": 9}, "10 classes to learn, 9 to test", ("data",)),
        ({}, "train", {"classes": 1}, "tells classes apart", ("train",)),
        (
            {},
            "train",
            {"inputs": (TensorSpec(name="x", shape=("N", 9)),)},
            "the model wants x",
            ("train",),
        ),
    ],
)
def test_mistakes_have_their_place(params, changed, update, message, at, tmp_path):
    inputs = {"subject": MODEL, "train": SAMPLES, "data": SAMPLES}
    inputs[changed] = SAMPLES.model_copy(update=update)
    with pytest.raises(OperatorError, match=message) as raised:
        evaluator(**params).plan(inputs, AlonePlanContext(tmp_path))
    assert raised.value.at == at
