"""Real engines, built by TensorRT for RTX from small ONNX files. No GPU is needed."""

import sys

import numpy as np
import onnx
import pytest
import tensorrt_rtx

from recipec.api import OnnxModel, OperatorError, Quantization, TensorSpec
from recipec.testing import RunContract, artifact, run_alone
from recipec_tensorrt.build import Build

pytestmark = pytest.mark.frameworks

helper, numpy_helper = onnx.helper, onnx.numpy_helper

INPUTS = (TensorSpec(name="x", shape=("N", 1, 8, 8)),)
OUTPUTS = (TensorSpec(name="logits", shape=("N", 10)),)
SYMMETRIC = Quantization(
    target="tensorrt", weights="int8 symmetric per channel", activations="int8 symmetric"
)


def write(path, nodes, weights, inputs, outputs, opsets=(("", 18),)):
    def values(specs):
        return [
            helper.make_tensor_value_info(
                s.name, helper.np_dtype_to_tensor_dtype(np.dtype(s.dtype)), s.shape
            )
            for s in specs
        ]

    tensors = [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()]
    graph = helper.make_graph(nodes, "graph", values(inputs), values(outputs), tensors)
    imports = [helper.make_opsetid(*opset) for opset in opsets]
    onnx.save(helper.make_model(graph, opset_imports=imports, ir_version=9), path)
    return path


def tail():
    """From the convolution's output `c` to the logits."""
    return [
        helper.make_node("Relu", ["c"], ["r"], name="relu"),
        helper.make_node("GlobalAveragePool", ["r"], ["p"], name="pool"),
        helper.make_node("Flatten", ["p"], ["f"], name="flatten"),
        helper.make_node("Gemm", ["f", "fc.weight"], ["logits"], name="fc", transB=1),
    ]


def write_float(path, inputs=INPUTS, outputs=OUTPUTS):
    dtype = np.dtype(inputs[0].dtype)
    random = np.random.default_rng(0)
    weights = {
        "conv.weight": random.standard_normal((8, 1, 3, 3)).astype(dtype),
        "fc.weight": random.standard_normal((10, 8)).astype(dtype),
    }
    conv = helper.make_node("Conv", ["x", "conv.weight"], ["c"], name="conv", pads=[1] * 4)
    return write(path, [conv, *tail()], weights, inputs, outputs)


def write_int8(path, activations=np.int8, zero_point=0):
    random = np.random.default_rng(0)
    weights = {
        "weight": random.integers(-127, 128, (8, 1, 3, 3)).astype(np.int8),
        "weight.scale": np.full(8, 0.01, np.float32),
        "weight.zero": np.zeros(8, np.int8),
        "scale": np.float32(0.05),
        "zero": activations(zero_point),
        "fc.weight": random.standard_normal((10, 8)).astype(np.float32),
    }
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "scale", "zero"], ["xq"], name="quantize"),
        helper.make_node("DequantizeLinear", ["xq", "scale", "zero"], ["xd"], name="dequantize"),
        helper.make_node(
            "DequantizeLinear", ["weight", "weight.scale", "weight.zero"], ["w"], name="w", axis=0
        ),
        helper.make_node("Conv", ["xd", "w"], ["c"], name="conv", pads=[1] * 4),
        *tail(),
    ]
    return write(path, nodes, weights, INPUTS, OUTPUTS)


def float_model(folder, **facts):
    known = {"inputs": INPUTS, "outputs": OUTPUTS, "precision": "fp32", **facts}
    return artifact(OnnxModel(**known), write_float(folder / "fp32.onnx", known["inputs"]))


def int8_model(folder, **facts):
    known = {"inputs": INPUTS, "outputs": OUTPUTS, "precision": "int8", "quantization": SYMMETRIC}
    return artifact(OnnxModel(**(known | facts)), write_int8(folder / "int8.onnx"))


def build(model, folder, **params):
    params = {"compute_capabilities": ["8.0"], **params}
    made, context = run_alone(
        Build(Build.params.model_validate(params)), {"model": model}, folder / "build"
    )
    return made["engine"], context


def refusal(model, folder, **params):
    with pytest.raises(OperatorError) as raised:
        build(model, folder, **params)
    return raised.value


class FloatContract(RunContract):
    operator = Build
    uses_scratch = True

    def good_params(self):
        return {"compute_capabilities": ["8.0", "8.9"], "workspace": "64MiB"}

    def example_facts(self):
        return {"model": OnnxModel(inputs=INPUTS, outputs=OUTPUTS, precision="fp32")}

    def example_artifacts(self, folder):
        return {"model": float_model(folder)}


class TestFloat(FloatContract):
    pass


class TestInt8(FloatContract):
    def example_artifacts(self, folder):
        return {"model": int8_model(folder)}


def test_one_engine_holds_code_for_every_gpu_it_is_for(tmp_path):
    engine, _ = build(int8_model(tmp_path), tmp_path, compute_capabilities=["8.0", "8.9"])
    assert engine.facts.compute_capabilities == ("8.0", "8.9")
    # The one place where an engine says so in the clear.
    assert b"accelerators={sm80 sm89 }" in engine.path.read_bytes()


def test_the_facts_are_read_back_from_the_network(tmp_path):
    unknown = artifact(OnnxModel(), write_int8(tmp_path / "int8.onnx"))
    engine, _ = build(unknown, tmp_path)
    assert engine.facts.inputs == INPUTS
    assert [(o.name, o.dtype) for o in engine.facts.outputs] == [("logits", "float32")]
    assert engine.facts.precision == "int8"
    assert engine.facts.quantization == SYMMETRIC


def test_a_model_that_is_not_quantized_is_not_called_so(tmp_path):
    engine, _ = build(float_model(tmp_path, quantization=SYMMETRIC), tmp_path)
    assert engine.facts.quantization is None
    assert engine.facts.precision == "fp32"


def test_half_precision_comes_from_the_file(tmp_path):
    halves = tuple(
        TensorSpec(name=s.name, shape=s.shape, dtype="float16") for s in (*INPUTS, *OUTPUTS)
    )
    path = write_float(tmp_path / "fp16.onnx", halves[:1], halves[1:])
    engine, _ = build(artifact(OnnxModel(), path), tmp_path)
    assert engine.facts.precision == "fp16"
    assert engine.facts.inputs[0].dtype == "float16"


def test_the_version_is_the_one_that_was_planned(tmp_path):
    engine, _ = build(float_model(tmp_path), tmp_path)
    assert engine.facts.runtime_version == tensorrt_rtx.__version__


def test_a_fixed_batch_needs_no_profile(tmp_path):
    fixed = (TensorSpec(name="x", shape=(4, 1, 8, 8)),)
    out = (TensorSpec(name="logits", shape=(4, 10)),)
    path = write_float(tmp_path / "fixed.onnx", fixed, out)
    engine, _ = build(artifact(OnnxModel(inputs=fixed, outputs=out), path), tmp_path)
    assert engine.facts.inputs == fixed
    assert engine.facts.outputs == out


def test_the_batch_bounds_are_in_the_engine(tmp_path):
    engine, _ = build(float_model(tmp_path), tmp_path, batch={"min": 2, "opt": 4, "max": 6})
    assert b"out of bounds [2, 6]" in engine.path.read_bytes()


def test_other_free_dimensions_have_their_own_range(tmp_path):
    inputs = (TensorSpec(name="x", shape=("N", "L", 4)),)
    outputs = (TensorSpec(name="y", shape=("N", "L", 4)),)
    relu = helper.make_node("Relu", ["x"], ["y"], name="relu")
    path = write(tmp_path / "tokens.onnx", [relu], {}, inputs, outputs)
    model = artifact(OnnxModel(inputs=inputs, outputs=outputs), path)
    sizes = {"L": {"min": 3, "opt": 5, "max": 7}}
    engine, _ = build(model, tmp_path, dimensions=sizes)
    assert engine.facts.outputs == outputs
    assert refusal(model, tmp_path).at == ("dimensions",)


def test_the_number_of_layers_is_a_metric(tmp_path):
    operator = Build(Build.params.model_validate({"compute_capabilities": ["8.0"]}))
    _, context = run_alone(operator, {"model": float_model(tmp_path)}, tmp_path)
    metrics = operator.run({"model": float_model(tmp_path)}, context).metrics
    found = {metric.name: metric.value for metric in metrics}
    assert found["network.layers"] >= len(onnx.load(tmp_path / "fp32.onnx").graph.node)
    assert found["network.layers.float32"] == 2


def test_an_unknown_operator_is_named_with_its_node(tmp_path):
    nodes = [
        helper.make_node("Relu", ["x"], ["r"], name="relu"),
        helper.make_node("Frobnicate", ["r"], ["logits"], name="block1/frob", domain="acme"),
    ]
    path = write(
        tmp_path / "custom.onnx", nodes, {}, INPUTS, OUTPUTS, opsets=[("", 18), ("acme", 1)]
    )
    problem = refusal(artifact(OnnxModel(), path), tmp_path)
    assert problem.message == (
        "TensorRT refuses node 'block1/frob' (Frobnicate): Plugin not found, are the plugin "
        "name, version, and namespace correct?"
    )
    assert problem.hint == "TensorRT has no such operator: replace the node before this stage"


def test_a_refused_node_without_a_name_is_named_by_its_number(tmp_path):
    nodes = [
        helper.make_node("Relu", ["x"], ["r"]),
        helper.make_node("Frobnicate", ["r"], ["logits"], domain="acme"),
    ]
    path = write(
        tmp_path / "custom.onnx", nodes, {}, INPUTS, OUTPUTS, opsets=[("", 18), ("acme", 1)]
    )
    problem = refusal(artifact(OnnxModel(), path), tmp_path)
    assert problem.message.startswith("TensorRT refuses node 'number 1' (Frobnicate): ")


@pytest.mark.parametrize(("activations", "zero_point"), [(np.uint8, 128), (np.int8, 3)])
def test_asymmetric_quantization_is_refused_at_its_node(activations, zero_point, tmp_path):
    path = write_int8(tmp_path / "affine.onnx", activations, zero_point)
    problem = refusal(artifact(OnnxModel(), path), tmp_path)
    assert problem.message.startswith(
        "TensorRT refuses node 'quantize' (QuantizeLinear): Non-zero zero point is not supported"
    )
    assert problem.hint == (
        "quantize the model with `target: tensorrt`: symmetric int8, biases in float"
    )


def test_a_quantized_bias_is_refused_at_its_node(tmp_path):
    bias = {"bias": np.zeros(64, np.int32), "scale": np.float32(1), "zero": np.int32(0)}
    nodes = [
        helper.make_node("DequantizeLinear", ["bias", "scale", "zero"], ["b"], name="fc.bias"),
        helper.make_node("Flatten", ["x"], ["f"], name="flatten"),
        helper.make_node("Add", ["f", "b"], ["logits"], name="add"),
    ]
    outputs = (TensorSpec(name="logits", shape=("N", 64)),)
    path = write(tmp_path / "bias.onnx", nodes, bias, INPUTS, outputs)
    problem = refusal(artifact(OnnxModel(), path), tmp_path)
    assert problem.message.startswith("TensorRT refuses node 'fc.bias' (DequantizeLinear): ")
    assert "input has type Int32" in problem.message
    assert "cudaError" not in problem.message
    assert problem.hint == (
        "quantize the model with `target: tensorrt`: symmetric int8, biases in float"
    )


def test_what_is_no_onnx_file_is_refused(tmp_path):
    path = tmp_path / "text.onnx"
    path.write_text("not a model")
    problem = refusal(artifact(OnnxModel(), path), tmp_path)
    assert problem.message == "TensorRT can't read the model: Failed to parse the ONNX model."
    assert problem.hint == "is it a whole ONNX file?"


def test_a_file_of_weights_that_is_missing_is_refused(tmp_path):
    model = onnx.load(write_float(tmp_path / "whole.onnx"))
    onnx.save(
        model,
        tmp_path / "split.onnx",
        save_as_external_data=True,
        location="split.data",
        size_threshold=0,
    )
    whole, _ = build(artifact(OnnxModel(), tmp_path / "split.onnx"), tmp_path)
    assert whole.size > 0
    (tmp_path / "split.data").unlink()
    problem = refusal(artifact(OnnxModel(), tmp_path / "split.onnx"), tmp_path)
    assert problem.message == (
        "TensorRT can't read the model: Failed to open file: split.data; "
        "Failed to import initializer: conv.weight"
    )


def test_an_error_of_the_builder_is_told_with_its_reason(tmp_path):
    problem = refusal(float_model(tmp_path), tmp_path, workspace="1B")
    assert problem.message.startswith("TensorRT can't build the engine: Myelin")
    assert "within workspace limit" in problem.message
    assert problem.at == ("workspace",)
    assert "/_src/" not in problem.message


def test_each_build_hears_its_own_errors_only(tmp_path):
    first = refusal(float_model(tmp_path), tmp_path, workspace="1B")
    second = refusal(float_model(tmp_path), tmp_path, compute_capabilities=["7.5"])
    assert "workspace" in first.message
    assert "workspace" not in second.message
    assert "SM75" in second.message
    engine, _ = build(float_model(tmp_path), tmp_path)
    assert engine.size > 0


def test_an_input_that_is_a_shape_is_refused(tmp_path):
    inputs = (*INPUTS, TensorSpec(name="shape", shape=(2,), dtype="int64"))
    reshape = helper.make_node("Reshape", ["x", "shape"], ["logits"], name="reshape")
    path = write(tmp_path / "shape.onnx", [reshape], {}, inputs, OUTPUTS)
    problem = refusal(artifact(OnnxModel(), path), tmp_path)
    assert problem.message.startswith("input shape: [2] int64 is a shape")


def test_tensorrt_takes_the_same_path(tmp_path, monkeypatch):
    # TensorRT itself needs a GPU. Its Python API is the one that tensorrt_rtx has too.
    monkeypatch.setitem(sys.modules, "tensorrt", tensorrt_rtx)
    params = {"runtime": "tensorrt", "compute_capabilities": [], "sparse_weights": True}
    engine, _ = build(int8_model(tmp_path), tmp_path, **params)
    assert engine.facts.runtime == "tensorrt"
    assert engine.facts.precision == "int8"


@pytest.mark.filterwarnings("ignore:.*Timing cache operations are no-ops:DeprecationWarning")
@pytest.mark.parametrize("workspace", ["64MiB", "1B"])
def test_kernel_timings_stay_in_scratch_also_of_a_build_that_failed(
    workspace, tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, "tensorrt", tensorrt_rtx)
    params = {"runtime": "tensorrt", "timing_cache": True, "compute_capabilities": []}
    for _ in range(2):  # the second reads what the first wrote
        if workspace == "1B":
            refusal(float_model(tmp_path), tmp_path, workspace=workspace, **params)
        else:
            build(float_model(tmp_path), tmp_path, workspace=workspace, **params)
        assert (tmp_path / "build" / "scratch" / "timing.cache").stat().st_size > 0


def test_a_runtime_that_cannot_be_imported_is_told_with_its_install_line(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorrt_rtx", None)
    problem = refusal(float_model(tmp_path), tmp_path)
    assert problem.message.startswith("tensorrt-rtx can't be imported: ")
    assert problem.hint == "pip install 'tensorrt-rtx>=1.2'"


def test_a_builder_that_cannot_start_is_an_error_of_the_stage(tmp_path, monkeypatch):
    def fails(logger):
        logger.log(tensorrt_rtx.ILogger.ERROR, "CUDA initialization failure with error: 35")
        raise TypeError("pybind11::init(): factory function returned nullptr")

    monkeypatch.setattr(tensorrt_rtx, "Builder", fails)
    problem = refusal(float_model(tmp_path), tmp_path)
    assert problem.message == ("TensorRT can't start: CUDA initialization failure with error: 35")
