"""`onnx.export` for real: what the file holds, and that it computes what torch computes."""

import logging
from collections import Counter

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from onnx_examples import nets
from onnx_examples.making import IMAGES, images, refer_to_images, save_net, save_program
from recipec.api import UNKNOWN, OnnxModel, OperatorError, TensorSpec
from recipec.api.onnx import Comparison
from recipec.api.quantization import SCHEMES
from recipec.api.torch import load_exported, module_facts
from recipec.testing import RunContract
from recipec_onnx._export import _judged
from recipec_onnx.export import ExportParams, OnnxExport

pytestmark = pytest.mark.frameworks


class TestExportOfAModule(RunContract):
    operator = OnnxExport

    def good_params(self):
        return {"check": {"data": "images", "samples": 48}}

    def example_facts(self):
        from recipec.api import DataSamples

        return {
            "model": module_facts(nets.build("Residual"), IMAGES),
            "check.data": DataSamples(count=64, inputs=IMAGES, classes=None),
        }

    def example_artifacts(self, folder):
        return {
            "model": save_net(folder / "model", "Residual"),
            "check.data": refer_to_images(folder / "images.json"),
        }


class TestExportOfAProgram(RunContract):
    operator = OnnxExport

    def good_params(self):
        return {"check": {"samples": 16}, "dynamic_batch": False}

    def example_facts(self):
        return {"model": module_facts(nets.build("Perceptron"), IMAGES)}

    def example_artifacts(self, folder):
        return {"model": save_program(folder / "model.pt2", "Residual")}


def run(path, x):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options).run(None, {"x": x})[0]


def outputs(module):
    x = images().inputs["x"]
    with torch.no_grad():
        wanted = module(torch.from_numpy(x)).numpy()
    return x, wanted, wanted.max() - wanted.min()


@pytest.mark.parametrize(
    "name", ["Residual", "Perceptron", "Sequence", "Varied", "Recurrent", "Memory"]
)
def test_a_float_file_computes_what_torch_computes(export, make, name):
    path, result, planned = export(make(name))
    x, wanted, span = outputs(nets.build(name))
    assert np.abs(run(path, x) - wanted).max() < 1e-5 * span
    assert planned.layers is not UNKNOWN
    assert {m.name for m in result.metrics} == {
        "check.max_difference",
        "check.rms_difference",
        "check.top1_agreement",
    }


@pytest.mark.parametrize("dtype", ["uint8", "int8"])
def test_a_quantized_file_computes_what_torch_computes(export, make, dtype):
    artifact = make("Residual", dtype)
    path, _, planned = export(artifact)
    x, wanted, span = outputs(load_exported(artifact.path).module())
    assert np.sqrt(((run(path, x) - wanted) ** 2).mean()) < span / 255
    assert planned.quantization.activations.startswith(dtype)


def test_a_plain_export_computes_the_same(export, make, tmp_path):
    """A script with torch's own calls, as its documentation has them."""
    free = {"dynamic_shapes": ({0: torch.export.Dim("N", min=1)},), "input_names": ["x"]}
    module = nets.build("Residual")
    example = (torch.zeros(2, 1, 8, 8),)
    torch.onnx.export(module, example, tmp_path / "plain.onnx", dynamo=True, verbose=False, **free)
    path, _, _ = export(make("Residual"))
    x, _, span = outputs(module)
    assert np.abs(run(path, x) - run(tmp_path / "plain.onnx", x)).max() < 1e-5 * span
    counts = [
        Counter(node.op_type for node in onnx.load(file).graph.node)
        for file in (path, tmp_path / "plain.onnx")
    ]
    assert counts[0] == counts[1]


def test_quantized_layers_keep_their_pairs_and_int8_weights(export, make):
    path, _, _ = export(make("Residual", "uint8"))
    model = onnx.load(path)
    counts = Counter(node.op_type for node in model.graph.node)
    assert (counts["QuantizeLinear"], counts["Conv"], counts["Gemm"]) == (
        4,
        4,
        1,
    )  # conv1 and short share one
    stored = {tensor.name: tensor.data_type for tensor in model.graph.initializer}
    assert stored["conv1.weight"] == onnx.TensorProto.INT8
    assert stored["conv1.weight_scale"] == stored["conv2.bias"] == onnx.TensorProto.FLOAT


def test_onnxruntime_fuses_the_pairs_into_integer_convolutions(export, make, tmp_path):
    path, _, _ = export(make("Residual", "uint8"))
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    options.log_severity_level = 3  # it warns that an optimized file belongs to this machine
    onnxruntime.InferenceSession(path, options)
    counts = Counter(node.op_type for node in onnx.load(tmp_path / "optimized.onnx").graph.node)
    assert counts["QLinearConv"] == 2  # stem and conv1; what the others make isn't quantized


def test_nodes_are_named_after_modules(export, make):
    path, result, _ = export(make("Residual"))
    names = {node.name: node.op_type for node in onnx.load(path).graph.node}
    assert {name: names[name] for name in ("stem", "conv1", "conv2", "short", "head")} == {
        "stem": "Conv",
        "conv1": "Conv",
        "conv2": "Conv",
        "short": "Conv",
        "head": "Gemm",
    }
    assert [row.name for row in result.outputs["model"].layers.layers] == [
        "stem",
        "conv1",
        "conv2",
        "short",
        "head",
    ]


def test_a_bias_of_zeros_stays_and_a_missing_one_is_not_made_up(export, make):
    _, result, _ = export(make("Perceptron"))
    tensors = {
        row.name: [t.name for t in row.tensors] for row in result.outputs["model"].layers.layers
    }
    assert tensors == {
        "wide": ["weight", "bias"],  # with its batch norm in it
        "plain": ["weight"],
        "head": ["weight", "bias"],
    }


def test_equal_tensors_of_two_layers_stay_two(export, make):
    _, result, _ = export(make("Sequence"))
    names = [row.name for row in result.outputs["model"].layers.layers]
    assert {"norm1", "norm2"} <= set(names)


def test_a_linear_layer_has_one_form_whatever_the_rank_of_its_input(export, make):
    for dtype in (None, "uint8"):
        _, result, _ = export(make("Sequence", dtype))
        kinds = {
            row.name: (row.type, row.weight.shape)
            for row in result.outputs["model"].layers.layers
            if row.positions
        }
        assert kinds == {
            "first": ("MatMul", (8, 24)),
            "second": ("MatMul", (24, 24)),
            "single": ("Gemm", (16, 24)),
            "shared": ("MatMul", (16, 16)),
            "head": ("Gemm", (10, 16)),
        }


def test_what_cannot_be_foretold_is_read_back_from_the_file(export, make):
    _, result, planned = export(make("Stacked"))
    assert planned.layers is UNKNOWN
    made = result.outputs["model"]
    assert isinstance(made, OnnxModel)
    assert made.operators["LSTM"] == 2


def test_a_recurrent_layer_is_one_node_with_its_weights_stored(export, make):
    path, result, planned = export(make("Memory"))
    row = result.outputs["model"].layers.layers[0]
    assert (row.name, row.type) == ("lstm", "LSTM")
    assert {t.name: t.shape for t in row.tensors} == {
        "weight": (2, 256, 8),
        "recurrence": (2, 256, 64),
    }
    assert planned.layers.bytes == result.outputs["model"].layers.bytes
    stored = {t.name for t in onnx.load(path).graph.initializer}
    assert {"lstm.weight", "lstm.recurrence"} <= stored
    assert not [name for name in stored if "weight_hh" in name]


def test_token_ids_and_their_mask_stay_integers(export, tmp_path):
    tokens = tuple(TensorSpec(name=n, shape=("N", 6), dtype="int64") for n in ("ids", "mask"))
    path, result, planned = export(save_net(tmp_path / "encoder", "Encoder", tokens))
    facts = result.outputs["model"]
    assert facts.inputs == tokens
    assert planned.layers is not UNKNOWN
    random = np.random.default_rng(0)
    ids = random.integers(0, 40, (64, 6))
    mask = (np.arange(6) < random.integers(1, 7, (64, 1))).astype(np.int64)
    with torch.no_grad():
        wanted = nets.build("Encoder")(torch.from_numpy(ids), torch.from_numpy(mask)).numpy()
    made = onnxruntime.InferenceSession(path).run(None, {"ids": ids, "mask": mask})[0]
    assert np.abs(made - wanted).max() < 1e-5 * np.ptp(wanted)


@pytest.mark.parametrize("opset", [18, 23])
def test_the_file_has_the_opset_that_was_asked_for(export, make, opset):
    path, _, _ = export(make("Perceptron"), opset=opset)
    assert [(o.domain, o.version) for o in onnx.load(path).opset_import] == [("", opset)]


def test_a_dynamic_file_takes_any_batch_and_a_fixed_one_single_samples(export, make):
    model = make("Perceptron")
    x = images().inputs["x"]
    path, _, _ = export(model)
    assert [run(path, x[:n]).shape for n in (1, 5)] == [(1, 10), (5, 10)]
    path, _, _ = export(model, dynamic_batch=False)
    assert run(path, x[:1]).shape == (1, 10)
    with pytest.raises(onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument):
        run(path, x[:2])


def test_nothing_but_the_graph_is_in_the_file(export, make):
    path, _, _ = export(make("Residual", "uint8"))
    content = path.read_bytes()
    for trace in (b"nets.py", b"site-packages", b"pkg.torch", b"forward"):
        assert trace not in content
    model = onnx.load(path)
    assert not model.graph.value_info
    assert (model.producer_name, "+" in model.producer_version) == ("pytorch", False)


def test_a_file_that_computes_something_else_is_refused(export, make):
    with pytest.raises(OperatorError, match="onnxruntime's outputs differ from torch's") as raised:
        export(make("TwoFaced"))
    assert raised.value.at == ("check", "tolerance")
    _, result, _ = export(make("TwoFaced"), check={"samples": 8, "tolerance": 0.05})
    [largest] = [m.value for m in result.metrics if m.name == "check.max_difference"]
    assert 0.001 < largest < 0.02


def test_an_export_says_nothing(export, make, capfd, recwarn, caplog):
    model = make("Recurrent", "uint8")
    export(model, check={"samples": 2})
    assert capfd.readouterr() == ("", "")
    assert [str(w.message) for w in recwarn] == []
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING] == []


def test_the_shares_of_samples_that_agree():
    found = Comparison(4, 0.1, 0.01, np.array([0.0, 0.0, 0.004, 0.2]))
    assert (found.agreement(), found.agreement(0.005)) == (0.5, 0.75)
    assert {m.name: m.value for m in found.metrics()}["check.top1_agreement"] == 0.5
    assert Comparison(4, 0.1, 0.01, None).agreement() is None


@pytest.mark.parametrize(
    ("short", "samples", "passes"),
    [(0.0, 256, True), (0.007, 256, True), (0.02, 256, False), (0.02, 199, True)],
    ids=["the same", "ties", "others", "too few to tell"],
)
def test_a_quantized_model_must_choose_the_same_classes(short, samples, passes):
    shortfalls = np.zeros(samples)
    shortfalls[:2] = short
    params = ExportParams.model_validate({"check": {"data": "test"}})
    made = OnnxModel(quantization=SCHEMES["cpu"])
    found = Comparison(samples, 0.02, 0.001, shortfalls)
    if passes:
        assert f"on {samples} samples" in _judged(found, made, params)
    else:
        with pytest.raises(OperatorError, match=r"on 99\.2% but for the tolerance"):
            _judged(found, made, params)


def test_outputs_that_are_no_numbers_are_refused():
    made = OnnxModel(quantization=None)
    with pytest.raises(OperatorError, match="at most nan"):
        _judged(Comparison(8, float("nan"), float("nan"), None), made, ExportParams())
