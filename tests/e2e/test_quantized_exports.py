"""What `quantize.*` makes, exported to ONNX: planned = made, and the outputs are torch's."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recipec.api import Artifact, DataSamples, OperatorError, TensorSpec
from recipec.testing import AlonePlanContext, run_alone

pytestmark = pytest.mark.frameworks

TOKENS = (
    TensorSpec(name="words", shape=("N", 6), dtype="int64"),
    TensorSpec(name="places", shape=("N", 6), dtype="int64"),
)
IMAGES = (TensorSpec(name="x", shape=("N", 1, 8, 8)),)
NETS = '''
from torch import nn

class Tokens(nn.Module):
    """Two embeddings, a normalization, linear layers on a sequence."""

    def __init__(self):
        super().__init__()
        self.words, self.places = nn.Embedding(50, 32), nn.Embedding(9, 32)
        self.norm, self.wide, self.head = nn.LayerNorm(32), nn.Linear(32, 64), nn.Linear(64, 7)

    def forward(self, words, places):
        return self.head(self.wide(self.norm(self.words(words) + self.places(places))).relu())

class Images(nn.Module):
    """A convolution with a batch norm, and a classifier."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(1, 8, 3, bias=False), nn.BatchNorm2d(8)
        self.head = nn.Linear(8 * 36, 10)

    def forward(self, x):
        return self.head(self.norm(self.conv(x)).relu().flatten(1))
'''
WEIGHTS = {
    "int8": {"weights": "int8"},
    "int4": {"weights": "int4"},
    "uint4": {"weights": "int4", "affine": True, "group_size": 16},
}


def save(folder: Path, name: str) -> Artifact[Any]:
    import torch

    from recipec.api import UNKNOWN, ImportString
    from recipec.api.torch import (
        SavedModule,
        build_module,
        module_facts,
        save_code,
        save_module,
    )
    from recipec.testing import artifact

    (folder / "nets.py").write_text(NETS)
    inputs = TOKENS if name == "Tokens" else IMAGES
    torch.manual_seed(0)
    module = build_module(ImportString(f"nets.py:{name}"), {}, folder).eval()
    save_module(folder / "model", module, SavedModule(builder=f"nets.py:{name}", inputs=inputs))
    save_code(folder / "model", folder / "nets.py")
    return artifact(module_facts(module, inputs, UNKNOWN), folder / "model")


def exported(model: Artifact[Any], folder: Path, **params: Any) -> Artifact[Any]:
    """Export, which compares the outputs; give the file, made as planned."""
    from recipec_onnx.export import ExportParams, OnnxExport

    operator = OnnxExport(ExportParams.model_validate({"check": {"samples": 16}, **params}))
    planned = operator.plan({"model": model.facts}, AlonePlanContext(folder)).outputs["model"]
    made, _ = run_alone(operator, {"model": model}, folder / "onnx")
    assert list(planned.contradictions(made["model"].facts)) == []
    return made["model"]


def weight_only(model: Artifact[Any], folder: Path, **params: Any) -> Artifact[Any]:
    from recipec_quantize.weight_only import WeightOnly, WeightOnlyParams

    operator = WeightOnly(WeightOnlyParams.model_validate(params))
    return run_alone(operator, {"model": model}, folder / "weights")[0]["model"]


@pytest.mark.parametrize("net", ["Tokens", "Images"])
@pytest.mark.parametrize("scheme", WEIGHTS)
def test_weight_only_models_are_exported_as_planned(tmp_path, net, scheme):
    model = weight_only(save(tmp_path, net), tmp_path, **WEIGHTS[scheme])
    made = exported(model, tmp_path)
    assert made.facts.opset == (18 if scheme == "int8" else 21)
    assert made.facts.quantization is None  # activations are float
    assert "Gemm" not in made.facts.operators  # onnxruntime fuses dequantization with MatMul only
    zero_points = sum(
        t.bytes // 2
        for layer in model.facts.layers.layers
        for t in layer.tensors
        if t.name == "weight_zero_point"
    )
    norms = 32 * 4 * 2 if net == "Tokens" else 0
    assert made.facts.layers.bytes == model.facts.layers.bytes - zero_points
    assert made.size - made.facts.layers.bytes < 5000 + norms  # the graph itself


def test_four_bits_are_packed_in_the_file(tmp_path):
    import onnx

    made = exported(weight_only(save(tmp_path, "Tokens"), tmp_path, weights="int4"), tmp_path)
    stored = {t.name: t for t in onnx.load(made.path).graph.initializer}
    weight = stored["wide.weight"]
    assert weight.data_type == onnx.TensorProto.INT4
    assert list(weight.dims) == [32, 64]
    assert len(weight.raw_data) == 32 * 64 // 2
    assert list(stored["wide.weight_scale"].dims) == [1, 64]


def test_embeddings_are_scaled_after_the_look_up(tmp_path):
    import onnx

    made = exported(weight_only(save(tmp_path, "Tokens"), tmp_path), tmp_path)
    graph = onnx.load(made.path).graph
    stored = {t.name: t.data_type for t in graph.initializer}
    looked_up = [n.input[0] for n in graph.node if n.op_type == "Gather"]
    assert sorted(stored[name] for name in looked_up) == [1, 1, 3, 3]  # float32 and int8


def test_int4_needs_a_newer_opset(tmp_path):
    model = weight_only(save(tmp_path, "Tokens"), tmp_path, weights="int4")
    with pytest.raises(OperatorError, match="int4 weights need opset 21") as raised:
        exported(model, tmp_path, opset=18)
    assert raised.value.at == ("opset",)
    assert exported(model, tmp_path, opset=22).facts.opset == 22


def test_a_dynamically_quantized_module_is_refused_by_the_plan(tmp_path):
    from recipec_quantize.dynamic import DynamicParams, DynamicQuantization

    operator = DynamicQuantization(DynamicParams())
    model = run_alone(operator, {"model": save(tmp_path, "Tokens")}, tmp_path / "int8")[0]["model"]
    with pytest.raises(OperatorError, match="torch's own integer kernels") as raised:
        exported(model, tmp_path)
    assert raised.value.hint == (
        "export the float model, and quantize the file with onnx.quantize_dynamic"
    )


@pytest.mark.parametrize(
    "params",
    [{"weight_bits": 3}, {"weight_bits": 4, "activation_bits": 3}, {"target": "tensorrt"}],
    ids=["3-bit weights", "3-bit activations", "tensorrt"],
)
def test_models_of_fewer_bits_are_exported(tmp_path, params):
    from quantized_export_data import COUNT
    from recipec.api.data.reference import write_reference
    from recipec.testing import artifact
    from recipec_quantize.qat import QatParams, QuantizationAwareTraining

    write_reference(tmp_path / "data.json", "quantized_export_data:load", {})
    data = artifact(DataSamples(count=COUNT, inputs=IMAGES, classes=10), tmp_path / "data.json")
    operator = QuantizationAwareTraining(
        QatParams.model_validate({"data": "train", "epochs": 1, **params})
    )
    inputs = {"model": save(tmp_path, "Images"), "data": data}
    model = run_alone(operator, inputs, tmp_path / "qat")[0]["model"]
    made = exported(model, tmp_path)
    assert made.facts.quantization == model.facts.quantization
    assert made.facts.operators["QuantizeLinear"] == 2
    if "activation_bits" in params:
        assert made.facts.operators["Clip"] == 2


def test_the_file_and_torch_agree_on_fewer_levels_of_activations(tmp_path):
    """ONNX's QuantizeLinear knows 256 levels only; what is outside of 8 must be clamped."""
    import onnxruntime
    import torch

    from quantized_export_data import COUNT, load
    from recipec.api.data.reference import write_reference
    from recipec.api.torch import load_exported
    from recipec.testing import artifact
    from recipec_quantize.static import StaticParams, StaticQuantization

    write_reference(tmp_path / "data.json", "quantized_export_data:load", {})
    data = artifact(DataSamples(count=COUNT, inputs=IMAGES, classes=10), tmp_path / "data.json")
    calibration = {"data": "train", "samples": 8}
    operator = StaticQuantization(
        StaticParams.model_validate({"calibration": calibration, "activation_bits": 3})
    )
    inputs = {"model": save(tmp_path, "Images"), "calibration.data": data}
    model = run_alone(operator, inputs, tmp_path / "int8")[0]["model"]
    path = exported(model, tmp_path).path
    x = 5 * load().inputs["x"]  # far outside of what was seen
    [made] = onnxruntime.InferenceSession(path).run(None, {"x": x})
    with torch.no_grad():
        wanted = load_exported(model.path).module()(torch.from_numpy(x)).numpy()
    assert np.abs(made - wanted).max() <= 1e-4 * np.ptp(wanted)
