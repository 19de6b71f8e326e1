"""`onnx.quantize_dynamic`: equal to onnxruntime's own call, and planned exactly."""

import re

import numpy as np
import onnx
import pytest
from onnxruntime.quantization import QuantType, quantize_dynamic

from onnx_examples import files
from onnx_examples.staging import stage
from recipec.api import UNKNOWN, OperatorError
from recipec.api.quantization import SCHEMES
from recipec.testing import AlonePlanContext, RunContract, artifact
from recipec_onnx.dynamic import DynamicParams, OnnxQuantizeDynamic

pytestmark = pytest.mark.frameworks
EVERYTHING = ["Conv", "Gather", "Gemm", "LSTM", "MatMul"]


class TestDynamicQuantization(RunContract):
    operator = OnnxQuantizeDynamic
    uses_scratch = True

    def good_params(self):
        return {"per_channel": True, "check": {"samples": 8}}

    @pytest.fixture(autouse=True)
    def _example(self, tmp_path_factory):
        type(self).folder = tmp_path_factory.mktemp("example")
        files.save(self.folder / "example.onnx", "transformer")

    def example_facts(self):
        return {"model": files.onnx_facts(self.folder / "example.onnx")}

    def example_artifacts(self, folder):
        return {"model": files.made(folder / "model.onnx", "transformer")}


def quantized(tmp_path, name, source=None, **params):
    path = source or files.save(tmp_path / "model.onnx", name)
    folder = tmp_path / "stage"
    folder.mkdir(exist_ok=True)
    return stage(
        OnnxQuantizeDynamic, folder, {"model": artifact(files.onnx_facts(path), path)}, **params
    )


@pytest.mark.parametrize("name", ["plain", "perceptron", "recurrent", "transformer"])
@pytest.mark.parametrize("per_channel", [False, True])
def test_it_is_onnxruntimes_own_call(tmp_path, name, per_channel):
    source = files.save(tmp_path / "model.onnx", name)
    made = quantized(tmp_path, name, source, operators=EVERYTHING, per_channel=per_channel)
    quantize_dynamic(
        str(source),
        str(tmp_path / "by_hand.onnx"),
        per_channel=per_channel,
        weight_type=QuantType.QInt8,
    )
    ours, theirs = (files.outputs(p, name) for p in (made.path, tmp_path / "by_hand.onnx"))
    if name != "perceptron":
        assert np.array_equal(ours, theirs)
    else:  # they leave a Gemm with a factor in float
        assert np.abs(ours - theirs).max() < 0.02 * np.ptp(theirs)


def test_a_gemm_with_factors_is_the_call_on_one_without(tmp_path):
    """0.5 · X · W is X · (0.5 · W), which onnxruntime would quantize."""
    source = files.save(tmp_path / "model.onnx", "perceptron")
    made = quantized(tmp_path, "perceptron", source)
    model = onnx.load(source)
    stored = {t.name: t for t in model.graph.initializer}
    halved = onnx.numpy_helper.to_array(stored["one.weight"]) * np.float32(0.5)
    stored["one.weight"].CopyFrom(onnx.numpy_helper.from_array(halved, "one.weight"))
    [gemm] = [n for n in model.graph.node if n.op_type == "Gemm"]
    del gemm.attribute[:]
    onnx.save(model, tmp_path / "plain.onnx")
    quantize_dynamic(str(tmp_path / "plain.onnx"), str(tmp_path / "by_hand.onnx"))
    ours, theirs = (files.outputs(p, "perceptron") for p in (made.path, tmp_path / "by_hand.onnx"))
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("name", ["convolutional", "perceptron", "recurrent", "transformer"])
@pytest.mark.parametrize("weights", ["int8", "uint8"])
@pytest.mark.parametrize("per_channel", [True, False])
def test_layers_are_planned_exactly(tmp_path, name, weights, per_channel):
    made = quantized(tmp_path, name, operators=EVERYTHING, weights=weights, per_channel=per_channel)
    table = made.plan.outputs["model"].layers
    assert table is not UNKNOWN
    assert table.bytes == made.result.outputs["model"].layers.bytes
    assert made.plan.changed == made.result.changed
    found = made.result.outputs["model"].quantization
    assert found.activations == "uint8 affine per tensor, at run time"


def test_layers_keep_their_names(tmp_path):
    made = quantized(tmp_path, "recurrent")
    kinds = {row.name: row.type for row in made.result.outputs["model"].layers.layers}
    assert kinds == {"embed": "Gather", "lstm": "DynamicQuantizeLSTM", "head": "MatMulInteger"}


def test_selectors_choose_layers(tmp_path):
    made = quantized(tmp_path, "transformer", include=["type:MatMul"], exclude=["down"])
    kinds = {
        row.name: row.weight.dtype
        for row in made.result.outputs["model"].layers.layers
        if row.weight
    }
    assert kinds["query"] == "int8"
    assert kinds["down"] == kinds["embed"] == "float32"


def test_convolutions_are_left_alone_unless_they_are_asked_for(tmp_path):
    made = quantized(tmp_path, "convolutional")
    assert made.result.changed == {"layers quantized": 1}
    assert made.plan.warnings == ()
    asked = quantized(tmp_path, "convolutional", operators=EVERYTHING)
    assert asked.result.changed == {"layers quantized": 3}
    assert re.search(r"2 convolutions are quantized dynamically, .* slower", asked.plan.warnings[0])


def test_the_rest_of_a_model_with_branches_is_quantized(tmp_path):
    made = quantized(tmp_path, "branching")
    assert made.plan.changed == {"layers quantized": UNKNOWN}
    assert made.result.changed == {"layers quantized": 1}


def test_an_old_opset_is_raised_and_said_so(tmp_path):
    made = quantized(tmp_path, "plain", files.save(tmp_path / "old.onnx", "plain", opset=9))
    assert made.plan.effects[0].startswith("the model is upgraded first, from opset 9 to 11")
    assert made.result.outputs["model"].opset == 11


def test_where_nothing_can_be_quantized_nothing_changes(tmp_path):
    made = quantized(tmp_path, "plain", operators=["LSTM"])
    assert made.plan.changed == made.result.changed == {"layers quantized": 0}
    assert made.result.outputs["model"].quantization is None


def plan(facts, **params):
    operator = OnnxQuantizeDynamic(DynamicParams.model_validate(params))
    return operator.plan({"model": facts}, AlonePlanContext(None))


def test_what_cannot_be_is_refused(tmp_path):
    facts = files.onnx_facts(files.save(tmp_path / "model.onnx", "plain"))
    with pytest.raises(OperatorError, match="doesn't quantize 'Relu' dynamically") as raised:
        plan(facts, operators=["MatMul", "Relu"])
    assert raised.value.at == ("operators", 1)
    with pytest.raises(OperatorError, match="quantized already"):
        plan(facts.model_copy(update={"quantization": SCHEMES["cpu"]}))


def test_infinities_fail_without_a_tolerance_too(tmp_path):
    with pytest.raises(OperatorError, match="infinite or NaN where the float model's are not"):
        quantized(tmp_path, "dividing")


def test_a_model_of_convolutions_is_told_what_is_for_it(tmp_path):
    made = quantized(tmp_path, "plain", operators=["LSTM"])
    assert made.plan.changed == {"layers quantized": 0}
    assert made.plan.effects[-1] == (
        "no layer of LSTM: the model's are Conv, Gemm; `onnx.quantize_static` is for convolutions"
    )
    assert "quantizes dynamically" in OnnxQuantizeDynamic.traits  # the general lint goes by it
