"""What `package.folder` plans and refuses. No framework is needed."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from recipec.api import (
    UNKNOWN,
    DataSamples,
    Model,
    OnnxModel,
    OperatorError,
    TensorRTEngine,
    TensorSpec,
    TorchModule,
)
from recipec.testing import AlonePlanContext
from recipec_package.folder import PackageFolder

INPUTS = (TensorSpec(name="x", shape=("N", 1, 8, 8)),)
OUTPUTS = (TensorSpec(name="logits", shape=("N", 3)),)
MODEL = OnnxModel(inputs=INPUTS, outputs=OUTPUTS, precision="fp32", quantization=None)
DATA = DataSamples(count=9, inputs=INPUTS, classes=3)
WORDS = {"title": "Shapes", "description": "Tells shapes.", "licence": "mit", "data": "test"}


def plan(model: Model = MODEL, data: DataSamples = DATA, folder: Path = Path(), **params):
    operator = PackageFolder(PackageFolder.params.model_validate({**WORDS, **params}))
    return operator.plan({"model": model, "data": data}, AlonePlanContext(folder))


def refusal(**given):
    with pytest.raises(OperatorError) as raised:
        plan(**given)
    return raised.value


def test_a_package_has_all_that_its_users_need():
    made = plan(labels=["round", "square", "other"]).outputs["package"]
    assert made.files == (
        "README.md",
        "example_inputs.npz",
        "example_outputs.npz",
        "labels.txt",
        "model.onnx",
        "package.json",
        "requirements.txt",
        "usage.py",
    )
    assert (made.model, made.labels, made.inputs) == ("onnx.model", 3, INPUTS)


def test_the_models_runtime_is_needed_for_the_examples():
    assert [r.spec for r in plan().requires] == ["python:onnxruntime>=1.20"]


def test_a_licence_is_written_as_the_list_has_it():
    assert plan().outputs["package"].licence == "MIT"
    assert plan(licence="apache-2.0 or mit").outputs["package"].licence == "Apache-2.0 OR MIT"


def test_that_preprocessing_is_not_known_is_in_the_plan():
    assert "how raw values become inputs isn't known: users must be told" in plan().effects
    assert DATA.preprocessing is UNKNOWN


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"licence": "do what you like"}, "is not an SPDX licence expression"),
        ({"licence": "MIT AND"}, "is not an SPDX licence expression"),
        ({"title": ""}, "at least 1 character"),
        ({"labels": []}, "at least 1 item"),
        ({"labels": ["one\ntwo"]}, "pattern"),
        ({"examples": 0}, "greater than or equal to 1"),
        ({"tolerance": 0}, "greater than 0"),
    ],
)
def test_impossible_values_are_refused(params, says):
    with pytest.raises(ValidationError, match=says):
        PackageFolder.params.model_validate({**WORDS, **params})


def test_a_model_that_can_not_be_handed_on_is_refused():
    problem = refusal(model=TorchModule(inputs=INPUTS))
    assert problem.message == (
        "a torch.module can't be packaged: its users would need more than its file"
    )
    assert problem.hint == (
        "convert it first; what can be: onnx.model, openvino.model, torch.exported"
    )
    assert "tensorrt.engine" in refusal(model=TensorRTEngine(inputs=INPUTS)).message


def test_data_that_does_not_fit_is_refused():
    large = DATA.model_copy(update={"inputs": (TensorSpec(name="x", shape=("N", 3, 8, 8)),)})
    problem = refusal(data=large)
    assert problem.message.startswith("the model wants x: ")
    assert problem.at == ("data",)


def test_too_few_labels_are_refused():
    problem = refusal(labels=["round", "square"])
    assert problem.message == "2 labels for a model that tells 3 classes apart"
    assert problem.at == ("labels",)


def test_labels_of_a_model_that_is_no_classifier_are_refused():
    encoder = MODEL.model_copy(update={"outputs": (TensorSpec(name="y", shape=("N", 8, 16)),)})
    problem = refusal(model=encoder, labels=["a", "b", "c"])
    assert problem.message == "labels name the classes of outputs [N, classes], not of ['N', 8, 16]"


def test_labels_that_repeat_are_refused():
    assert refusal(labels=["a", "b", "a"]).message == "the label 'a' is there twice"


def test_labels_may_be_in_a_file(tmp_path):
    (tmp_path / "names.txt").write_text("rund\neckig\nübrig\n\n", encoding="utf-8")
    assert plan(labels="names.txt", folder=tmp_path).outputs["package"].labels == 3


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"a\n\nc\n", "a label is empty"), (b"", "a label is empty"), (b"\xff\xfe", "can't be read")],
)
def test_a_file_that_is_no_list_of_labels_is_refused(tmp_path, content, says):
    (tmp_path / "names.txt").write_bytes(content)
    problem = refusal(labels="names.txt", folder=tmp_path)
    assert says in problem.message
    assert problem.at == ("labels",)


@pytest.mark.parametrize(
    "based_on", [{}, {"model": ""}, {"model": "a b"}, {"model": "m", "licence": "free"}]
)
def test_what_it_was_made_from_is_checked(based_on):
    with pytest.raises(ValidationError, match="based_on"):
        PackageFolder.params.model_validate({**WORDS, "based_on": based_on})
