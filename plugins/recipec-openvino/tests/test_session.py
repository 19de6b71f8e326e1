"""Models of OpenVINO are measured like any other."""

import json

import pytest

from openvino_examples.nets import refer_to_images
from recipec.api import OperatorError
from recipec.api.sessions import open_session
from recipec.testing import AloneRunContext

pytestmark = pytest.mark.frameworks


@pytest.fixture
def model(onnx_model, convert):
    made, _ = convert(onnx_model("conv"))
    return made


def test_its_session_has_the_threads_and_the_precision_that_were_asked_for(model):
    compiled = open_session(model, threads=2)._request.get_compiled_model()
    assert compiled.get_property("INFERENCE_NUM_THREADS") == 2
    assert compiled.get_property("NUM_STREAMS") == 1
    assert compiled.get_property("INFERENCE_PRECISION_HINT").to_string() == "f32"


def test_accuracy_latency_and_size_measure_it(model, onnx_model, tmp_path):
    from recipec_measure.accuracy import Accuracy, AccuracyParams
    from recipec_measure.latency import Latency, LatencyParams
    from recipec_measure.size import Size, SizeParams

    data = refer_to_images(tmp_path / "data.json")
    accuracy = Accuracy(AccuracyParams(data="test", batch=30))
    scores = []
    for name, subject in {"openvino": model, "onnx": onnx_model("conv")}.items():
        context = AloneRunContext(tmp_path / name, accuracy)
        accuracy.run({"subject": subject, "data": data}, context)
        scores.append(json.loads(context.path_for("scores").read_text())["accuracy"])
    assert scores[0] == scores[1]

    latency = Latency(LatencyParams(batch=(1, 4), runs=3, warmup=0, baseline="onnx"))
    models = {"openvino": model, "onnx": onnx_model("conv")}
    result = latency.run(models, AloneRunContext(tmp_path, latency))
    assert {metric.subject for metric in result.metrics} == {"openvino", "onnx"}
    assert all(metric.value > 0 for metric in result.metrics)

    size = Size(SizeParams()).run({"subject": model}, AloneRunContext(tmp_path, latency))
    found = {metric.name: metric.value for metric in size.metrics}
    assert found["size.disk"] == sum(p.stat().st_size for p in model.path.iterdir())
    assert found["parameters"] == onnx_model("conv").facts.layers.parameters


def test_a_damaged_model_is_a_clean_error(model):
    (model.path / "model.xml").write_text("<net>")
    with pytest.raises(OperatorError, match="OpenVINO can't load the model") as raised:
        open_session(model, threads=1)
    assert str(model.path) not in raised.value.message
