"""`onnx.convert_precision`: equal to onnxruntime's own converter, and planned exactly."""

import ml_dtypes
import numpy as np
import onnx
import pytest
from onnxruntime.transformers.float16 import convert_float_to_float16

from onnx_examples import files
from onnx_examples.staging import stage
from recipec.api import UNKNOWN, OperatorError
from recipec.api.quantization import SCHEMES
from recipec.testing import AlonePlanContext, RunContract, artifact
from recipec_onnx._halve import halved
from recipec_onnx.precision import OnnxConvertPrecision, PrecisionParams

pytestmark = pytest.mark.frameworks


class TestConvertPrecision(RunContract):
    operator = OnnxConvertPrecision
    uses_scratch = True

    def good_params(self):
        return {"to": "float16", "keep_operators": ["Softmax"], "check": {"samples": 8}}

    @pytest.fixture(autouse=True)
    def _example(self, tmp_path_factory):
        type(self).folder = tmp_path_factory.mktemp("example")
        files.save(self.folder / "example.onnx", "transformer")

    def example_facts(self):
        return {"model": files.onnx_facts(self.folder / "example.onnx")}

    def example_artifacts(self, folder):
        return {"model": files.made(folder / "model.onnx", "transformer")}


def converted(tmp_path, name, source=None, **params):
    path = source or files.save(tmp_path / "model.onnx", name)
    folder = tmp_path / "stage"
    folder.mkdir(exist_ok=True)
    return stage(
        OnnxConvertPrecision, folder, {"model": artifact(files.onnx_facts(path), path)}, **params
    )


@pytest.mark.parametrize("name", ["convolutional", "perceptron", "recurrent", "transformer"])
@pytest.mark.parametrize("keep_io", [True, False])
def test_it_is_onnxruntimes_own_converter(tmp_path, name, keep_io):
    source = files.save(tmp_path / "model.onnx", name)
    made = converted(tmp_path, name, source, keep_io=keep_io)
    theirs = convert_float_to_float16(onnx.load(source), keep_io_types=keep_io)
    onnx.save(theirs, tmp_path / "by_hand.onnx")
    ours, wanted = (halves(p, name) for p in (made.path, tmp_path / "by_hand.onnx"))
    assert ours.dtype == wanted.dtype == (np.float32 if keep_io else np.float16)
    assert np.array_equal(ours, wanted)


def halves(path, name):
    """Run a file on samples in the type that it takes."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path))
    given = dict(files.samples(name, 64).inputs)
    for value in session.get_inputs():
        if value.type == "tensor(float16)":
            given[value.name] = given[value.name].astype(np.float16)
    return session.run(None, given)[0]


@pytest.mark.parametrize("name", ["convolutional", "perceptron", "recurrent", "transformer"])
@pytest.mark.parametrize("to", ["float16", "bfloat16"])
@pytest.mark.parametrize("keep_io", [True, False])
def test_layers_are_planned_exactly(tmp_path, name, to, keep_io):
    made = converted(tmp_path, name, to=to, keep_io=keep_io)
    table = made.plan.outputs["model"].layers
    assert table is not UNKNOWN
    assert {t.dtype for row in table.layers for t in row.tensors} == {to}
    assert made.plan.changed == made.result.changed
    assert made.result.outputs["model"].precision == {"float16": "fp16", "bfloat16": "bf16"}[to]


def test_what_is_kept_stays_float32(tmp_path):
    made = converted(tmp_path, "transformer", keep=["up"], keep_operators=["LayerNormalization"])
    kinds = {
        row.name: {t.dtype for t in row.tensors}
        for row in made.result.outputs["model"].layers.layers
    }
    assert kinds["up"] == kinds["norm"] == {"float32"}
    assert kinds["down"] == {"float16"}
    assert made.plan.matched == {"keep": ("up",)}
    assert made.result.outputs["model"].precision == "mixed"


def test_a_kept_add_keeps_the_bias_of_a_matmul(tmp_path):
    made = converted(tmp_path, "transformer", keep_operators=["Add"])
    [row] = [r for r in made.result.outputs["model"].layers.layers if r.name == "up"]
    assert {t.name: t.dtype for t in row.tensors} == {"weight": "float16", "bias": "float32"}


def test_a_selector_of_nothing_is_an_error_at_keep(tmp_path):
    facts = files.onnx_facts(files.save(tmp_path / "model.onnx", "plain"))
    operator = OnnxConvertPrecision(PrecisionParams(keep=("nothing",)))
    with pytest.raises(OperatorError, match="matches no layer") as raised:
        operator.plan({"model": facts}, AlonePlanContext(tmp_path))
    assert raised.value.at == ("keep", 0)


def test_bodies_stay_float32_and_still_work(tmp_path):
    made = converted(tmp_path, "branching")
    graph = onnx.load(made.path).graph
    [choice] = [n for n in graph.node if n.op_type == "If"]
    captured = choice.attribute[0].g.node[0].input[0]
    assert captured == "a.float32"
    stored = {t.name: t.data_type for t in graph.initializer}
    assert stored["first.weight"] == onnx.TensorProto.FLOAT16
    assert stored["yes.weight"] == onnx.TensorProto.FLOAT


def test_bfloat16_is_compared_with_each_result_rounded(tmp_path):
    made = converted(tmp_path, "plain", to="bfloat16")
    assert "has no bfloat16 kernels on a CPU" in made.plan.warnings[0]
    assert made.result.outputs["model"].opset == 22
    [largest] = [m.value for m in made.result.metrics if m.name == "check.max_difference"]
    assert 1e-4 < largest < 0.05  # float16 is eight times as exact
    exact = converted(tmp_path, "plain")
    [half] = [m.value for m in exact.result.metrics if m.name == "check.max_difference"]
    assert half < largest / 2


def test_weights_beyond_the_range_are_clipped_and_said_so(tmp_path):
    source = files.save(tmp_path / "model.onnx", "plain")
    model = onnx.load(source)
    [bias] = [t for t in model.graph.initializer if t.name == "head.bias"]
    values = np.where(np.arange(10) < 2, 1e5, 0).astype(np.float32)
    bias.CopyFrom(onnx.numpy_helper.from_array(values, bias.name))
    onnx.save(model, source)
    said = "2 weights lie outside of float16's range and were clipped"
    with pytest.raises(OperatorError, match=said) as raised:
        converted(tmp_path, "plain", source)
    assert raised.value.hint == "keep these layers in float32"
    kept = converted(tmp_path, "plain", source, keep=["head"])
    assert kept.result.changed == {"layers converted": 2}


def test_no_weight_becomes_zero_or_infinite():
    given = np.array([0.0, 1e-12, -1e-12, 1e6, -1e6, 0.1, np.inf], np.float32)
    made, clipped = halved(given, "float16")
    tiny = np.float16(6e-8)
    assert made.tolist() == [0, tiny, -tiny, 65504, -65504, np.float16(0.1), np.inf]
    assert clipped == 2
    made, clipped = halved(given, "bfloat16")
    assert made.dtype == ml_dtypes.bfloat16
    assert clipped == 0


def test_a_quantized_model_is_refused(tmp_path):
    facts = files.onnx_facts(files.save(tmp_path / "model.onnx", "plain"))
    facts = facts.model_copy(update={"quantization": SCHEMES["cpu"]})
    operator = OnnxConvertPrecision(PrecisionParams())
    with pytest.raises(OperatorError, match="quantized already"):
        operator.plan({"model": facts}, AlonePlanContext(tmp_path))
