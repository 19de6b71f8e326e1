"""`measure.accuracy`, run on real models."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from recipec.api import Facts, OperatorError
from recipec.api.metrics import contradictions
from recipec.testing import AloneRunContext, EvaluatorContract
from recipec_measure.accuracy import Accuracy, AccuracyParams

pytestmark = pytest.mark.frameworks


def measured(folder: Path, subject: Any, data: Any, **params: Any) -> Any:
    accuracy = Accuracy(AccuracyParams.model_validate({"data": "test", **params}))
    context = AloneRunContext(folder, accuracy)
    return accuracy.run({"subject": subject, "data": data}, context), context


def by_hand(path: Path, x: Any, y: Any) -> float:
    """The ten lines that anyone would write."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    right = [
        session.run(None, {session.get_inputs()[0].name: x[i : i + 1]})[0][0].argmax() == y[i]
        for i in range(len(x))
    ]
    return sum(right) / len(right)


class TestContract(EvaluatorContract):
    operator = Accuracy

    def good_params(self) -> Mapping[str, Any]:
        return {"data": "test", "batch": 100}

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _models(cls, onnx_model, data):
        cls.made = {"subject": onnx_model(), "data": data()}

    def example_facts(self) -> Mapping[str, Facts]:
        return {port: made.facts for port, made in self.made.items()}

    def example_artifacts(self, folder):
        return self.made


def test_accuracy_of_onnx_is_exactly_what_a_plain_script_gives(
    tmp_path, onnx_model, data, prototypes
):
    subject = onnx_model()
    result, _ = measured(tmp_path, subject, data())
    expected = by_hand(subject.path, prototypes.x, prototypes.y)
    assert 0.5 < expected < 1.0
    assert result.metrics[0].value == expected
    assert list(contradictions(Accuracy.families, result.metrics)) == []


def test_accuracy_is_that_of_torchmetrics(tmp_path, torch_module, data, prototypes):
    import torch
    from torchmetrics.classification import MulticlassAccuracy

    from recipec.api.torch import load_module

    subject = torch_module()
    reference = MulticlassAccuracy(num_classes=10, average="micro")
    with torch.no_grad():
        reference.update(
            load_module(subject.path)(torch.from_numpy(prototypes.x)),
            torch.from_numpy(prototypes.y),
        )
    result, _ = measured(tmp_path, subject, data())
    assert result.metrics[0].value == pytest.approx(reference.compute().item(), abs=1e-6)


def test_one_classifier_is_as_good_in_every_form(
    tmp_path, torch_module, exported, onnx_model, data
):
    forms = [torch_module(), exported, onnx_model(), onnx_model("fixed", batch=8)]
    scores = []
    for form in forms:
        _, context = measured(tmp_path, form, data())
        scores.append(json.loads(context.path_for("scores").read_text())["accuracy"])
    assert scores[1:] == scores[:1] * 3


@pytest.mark.parametrize("batch", [1, 7, 503, 1000])
def test_the_batch_size_changes_nothing(tmp_path, onnx_model, data, batch):
    whole, _ = measured(tmp_path, onnx_model(), data())
    in_batches, _ = measured(tmp_path, onnx_model(), data(), batch=batch)
    assert in_batches == whole


def test_scores_are_those_of_the_single_samples(tmp_path, onnx_model, data, prototypes):
    result, context = measured(tmp_path, onnx_model(), data())
    scores = json.loads(context.path_for("scores").read_text())["accuracy"]
    logits = prototypes.x @ prototypes.weight.T + prototypes.bias
    assert scores == (logits.argmax(axis=1) == prototypes.y).astype(int).tolist()
    metric = result.metrics[0]
    assert metric.value == sum(scores) / 503
    assert metric.count == result.outputs["scores"].count == 503
    assert metric.interval.low < metric.value < metric.interval.high


def test_outputs_that_are_not_finite_are_noted(tmp_path, onnx_model, data):
    result, _ = measured(tmp_path, onnx_model(scale=float("nan")), data())
    assert result.notes == ("503 samples have outputs that are not finite",)


def test_data_without_labels_is_an_error(tmp_path, onnx_model, data):
    with pytest.raises(OperatorError, match="no labels"):
        measured(tmp_path, onnx_model(), data(labelled=False))


def test_a_model_that_does_not_run_is_an_error(tmp_path, onnx_model, data):
    from onnx import load, save

    subject = onnx_model("inconsistent")
    broken = load(subject.path)
    broken.graph.initializer[0].dims[1] = 32  # promises half of what it holds
    broken.graph.initializer[0].raw_data = broken.graph.initializer[0].raw_data[: 10 * 32 * 4]
    save(broken, subject.path)
    with pytest.raises(OperatorError, match=r"can't be (run|loaded)|can't load"):
        measured(tmp_path, subject, data())


def test_an_engine_needs_a_gpu(tmp_path, onnx_model, data):
    import torch

    from recipec.api import Artifact, TensorRTEngine

    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    subject = onnx_model()
    engine = TensorRTEngine(inputs=subject.facts.inputs, runtime="tensorrt-rtx")
    with pytest.raises(OperatorError, match="needs cuda"):
        measured(tmp_path, Artifact(engine, subject.path, subject.digest), data())
