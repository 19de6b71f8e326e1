"""`openvino.convert`, run on real models, against OpenVINO's and onnxruntime's plain calls."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from openvino_examples.nets import IMAGES, images, refer_to_images
from recipec.api import UNKNOWN, LayerTable, OperatorError
from recipec.api.onnx import onnx_facts
from recipec.testing import RunContract, artifact
from recipec_openvino._openvino import openvino
from recipec_openvino._session import compiled
from recipec_openvino.convert import Convert

pytestmark = pytest.mark.frameworks

X = images(64).inputs["x"]
PLAIN = {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32"}


class TestContract(RunContract):
    operator = Convert

    def good_params(self):
        return {"check": {"samples": 8, "data": "validation"}}

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _model(cls, onnx_model):
        cls.model = onnx_model("conv", int8=True)

    def example_facts(self):
        data = self.example_artifacts(Path(self.model.path).parent)["check.data"]
        return {"model": self.model.facts, "check.data": data.facts}

    def example_artifacts(self, folder):
        return {"model": self.model, "check.data": refer_to_images(folder / "data.json")}


def onnxruntime_says(path):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": X})[0]


def openvino_says(folder):
    return compiled(folder, threads=1)([X])[0]


@pytest.mark.parametrize("name", ["conv", "mlp", "lstm", "transformer"])
@pytest.mark.parametrize("int8", [False, True])
def test_outputs_are_those_of_the_plain_call_to_the_bit(onnx_model, convert, name, int8):
    source = onnx_model(name, int8)
    made, _ = convert(source)
    plain = openvino.convert_model(source.path)
    wanted = openvino.Core().compile_model(plain, "CPU", PLAIN)([X])[0]
    assert np.array_equal(openvino_says(made.path), wanted)


@pytest.mark.parametrize("name", ["conv", "mlp", "lstm", "transformer"])
def test_a_float_model_agrees_with_onnxruntime(onnx_model, convert, name):
    source = onnx_model(name)
    made, _ = convert(source)
    wanted = onnxruntime_says(source.path)
    assert np.abs(openvino_says(made.path) - wanted).max() <= 1e-5 * np.ptp(wanted)


@pytest.mark.parametrize("name", ["conv", "mlp"])
def test_an_int8_model_agrees_within_two_steps(onnx_model, convert, name):
    source = onnx_model(name, int8=True)
    made, _ = convert(source)
    wanted = onnxruntime_says(source.path)
    error = openvino_says(made.path) - wanted
    assert np.sqrt((error**2).mean()) <= 2 / 255 * np.ptp(wanted)
    assert made.facts.operators["FakeQuantize"] > 0
    assert made.facts.precision == "int8"


def test_facts_are_read_back_from_what_was_made(onnx_model, convert):
    source = onnx_model("conv")
    made, _ = convert(source)
    assert made.facts.inputs == IMAGES
    assert [spec.shape for spec in made.facts.outputs] == [("N", 10)]
    assert made.facts.layers == source.facts.layers
    assert made.facts.operators["Convolution"] + made.facts.operators["GroupConvolution"] == 2
    assert openvino.get_version().startswith(made.facts.openvino_version)
    assert sorted(path.name for path in made.path.iterdir()) == ["model.bin", "model.xml"]


def test_recurrent_layers_are_not_foretold(onnx_model, convert):
    made, _ = convert(onnx_model("lstm"))
    assert made.facts.layers is UNKNOWN


@pytest.mark.parametrize("name", ["mlp", "lstm"])
def test_a_dynamically_quantized_model_is_converted_as_planned(onnx_model, convert, tmp_path, name):
    from onnxruntime.quantization import quantize_dynamic

    path = tmp_path / "dynamic.onnx"
    quantize_dynamic(onnx_model(name).path, path)
    source = artifact(onnx_facts(path), path)
    made, _ = convert(source, tmp_path / "made")
    assert made.facts.quantization == source.facts.quantization
    assert made.facts.quantization.activations.endswith("at run time")


def test_float16_storage_halves_the_file(onnx_model, convert, tmp_path):
    whole, _ = convert(onnx_model("mlp"), tmp_path / "whole")
    half, result = convert(onnx_model("mlp"), tmp_path / "half", compress_to_fp16=True)
    sizes = [(made.path / "model.bin").stat().st_size for made in (whole, half)]
    assert sizes[1] == pytest.approx(sizes[0] / 2, rel=0.05)
    assert half.facts.precision == "fp16"
    assert isinstance(half.facts.layers, LayerTable)
    assert "tolerance 0.01" in result.notes[0]


def test_one_conversion_is_like_the_next_wherever_the_file_lies(onnx_model, convert, tmp_path):
    source = onnx_model("conv", int8=True)
    elsewhere = tmp_path / "another name" / "copy.onnx"
    elsewhere.parent.mkdir()
    elsewhere.write_bytes(source.path.read_bytes())
    first, _ = convert(source, tmp_path / "one")
    second, _ = convert(artifact(source.facts, elsewhere), tmp_path / "two")
    assert first.digest == second.digest
    graph = (first.path / "model.xml").read_text()
    assert str(tmp_path) not in graph
    assert "conversion_parameters" not in graph


def test_what_the_check_found_is_in_the_record(onnx_model, convert):
    _, result = convert(onnx_model("mlp"), check={"samples": 16})
    assert [metric.name for metric in result.metrics] == [
        "check.max_difference",
        "check.rms_difference",
        "check.top1_agreement",
    ]
    assert "on 16 samples; tolerance 0.0001 for the latter" in result.notes[0]


def test_outputs_that_differ_by_more_than_the_tolerance_are_an_error(onnx_model, convert):
    with pytest.raises(OperatorError, match="OpenVINO's outputs differ") as raised:
        convert(onnx_model("conv", int8=True), check={"tolerance": 1e-9})
    assert raised.value.at == ("check", "tolerance")


def test_an_operator_that_openvino_does_not_know_is_named(convert, tmp_path):
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 3]) for name in ("x", "y")
    ]
    graph = helper.make_graph(
        [helper.make_node("Sparkle", ["x"], ["y"], domain="acme")], "g", values[:1], values[1:]
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("acme", 1)]
    path = tmp_path / "sparkle.onnx"
    onnx.save(helper.make_model(graph, opset_imports=opsets), path)
    with pytest.raises(OperatorError, match=r"No conversion rule found for .*acme\.Sparkle"):
        convert(artifact(onnx_facts(path), path))


def test_openvino_sends_nothing_home():
    from openvino.tools.ovc import telemetry_utils

    assert telemetry_utils.tm.__name__ == "openvino.tools.ovc.telemetry_stub"
