"""The plan of `onnx.export`: from torch's layer table to the file's, without a framework."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from recipec.api import (
    UNKNOWN,
    DataSamples,
    Layer,
    LayerTable,
    OperatorError,
    Quantization,
    Tensor,
    TensorSpec,
    TorchExported,
    TorchModule,
)
from recipec.testing import BarePlanContext
from recipec_onnx.export import ExportParams, OnnxExport

IMAGES = (TensorSpec(name="image", shape=("N", 3, 8, 8)),)
LOGITS = (TensorSpec(name="output", shape=("N", 10)),)


def layer(name, kind, positions=0, folds_into=None, **shapes):
    tensors = []
    for tensor, shape in shapes.items():
        role = "buffer" if "running" in tensor or "num" in tensor else "parameter"
        dtype = "int64" if "num" in tensor else "float32"
        tensors.append(Tensor(name=tensor, shape=shape, dtype=dtype, role=role, zeros=0))
    return Layer(
        name=name, type=kind, tensors=tuple(tensors), positions=positions, folds_into=folds_into
    )


def norm(name, channels, folds_into=None, kind="BatchNorm2d"):
    vectors = dict.fromkeys(("weight", "bias", "running_mean", "running_var"), (channels,))
    return layer(name, kind, folds_into=folds_into, **vectors, num_batches_tracked=())


def plan(*layers, kind=TorchModule, precision="fp32", quantization=None, data=None, **params):
    model = kind(
        inputs=IMAGES,
        outputs=LOGITS,
        layers=LayerTable(layers=layers),
        precision=precision,
        quantization=quantization,
    )
    operator = OnnxExport(ExportParams.model_validate(params))
    facts = {"model": model} if data is None else {"model": model, "check.data": data}
    return operator.plan(facts, BarePlanContext(Path())).outputs["model"]


def rows(facts):
    return [
        (row.name, row.type, {t.name: t.shape for t in row.tensors}) for row in facts.layers.layers
    ]


def test_a_convolution_takes_its_batch_norm_over():
    conv = layer("conv", "Conv2d", positions=64, weight=(8, 3, 3, 3))
    facts = plan(conv, norm("norm", 8, folds_into="conv"))
    assert rows(facts) == [("conv", "Conv", {"weight": (8, 3, 3, 3), "bias": (8,)})]
    assert facts.layers.macs == 64 * 8 * 27


def test_a_batch_norm_that_stays_has_no_count():
    facts = plan(norm("norm", 3))
    vectors = dict.fromkeys(("weight", "bias", "running_mean", "running_var"), (3,))
    assert rows(facts) == [("norm", "BatchNormalization", vectors)]


def test_a_linear_layer_is_a_gemm_on_vectors_and_a_matmul_on_sequences():
    once = layer("once", "Linear", positions=1, weight=(10, 4), bias=(10,))
    often = layer("often", "Linear", positions=7, weight=(10, 4), bias=(10,))
    assert rows(plan(once, often)) == [
        ("once", "Gemm", {"weight": (10, 4), "bias": (10,)}),
        ("often", "MatMul", {"weight": (4, 10), "bias": (10,)}),
    ]


def test_a_transposed_convolution_takes_a_batch_norm_over_unless_it_is_grouped():
    up = layer("up", "ConvTranspose2d", positions=64, weight=(3, 8, 2, 2))
    assert rows(plan(up, norm("norm", 8, folds_into="up"))) == [
        ("up", "ConvTranspose", {"weight": (3, 8, 2, 2), "bias": (8,)})
    ]
    grouped = layer("up", "ConvTranspose2d", positions=64, weight=(6, 4, 2, 2))
    kept = rows(plan(grouped, norm("norm", 12, folds_into="up")))
    assert [name for name, _, _ in kept] == ["up", "norm"]


@pytest.mark.parametrize("directions", [1, 2])
def test_a_recurrent_layer_has_a_matrix_for_each_direction(directions):
    vectors = {
        "weight_ih_l0": (8, 4),
        "weight_hh_l0": (8, 2),
        "bias_ih_l0": (8,),
        "bias_hh_l0": (8,),
    }
    if directions == 2:
        vectors |= {f"{name}_reverse": shape for name, shape in vectors.items()}
    facts = plan(layer("lstm", "LSTM", **vectors))
    made = {
        "weight": (directions, 8, 4),
        "recurrence": (directions, 8, 2),
        "bias": (directions, 16),
    }
    assert rows(facts) == [("lstm", "LSTM", made)]
    assert facts.layers.zeros == 0


def test_zeros_of_weights_that_are_written_as_they_are_stay_known():
    facts = plan(layer("conv", "Conv2d", positions=64, weight=(8, 3, 3, 3), bias=(8,)))
    assert [t.zeros for t in facts.layers.layers[0].tensors] == [0, 0]


@pytest.mark.parametrize(
    "unforeseeable",
    [
        layer("lstm", "LSTM", weight_ih_l0=(8, 4), weight_hh_l0=(8, 2), weight_ih_l1=(8, 2)),
        layer("aux", "Conv2d", positions=0, weight=(8, 3, 3, 3)),
        layer("", "ViT", class_token=(1, 1, 8)),
        norm("norm", 3, kind="InstanceNorm2d"),
    ],
    ids=["stacked recurrent", "never called", "a parameter of the model itself", "instance norm"],
)
def test_layers_that_cannot_be_foretold_leave_the_table_unknown(unforeseeable):
    conv = layer("conv", "Conv2d", positions=64, weight=(8, 3, 3, 3))
    facts = plan(conv, unforeseeable)
    assert facts.layers is UNKNOWN
    assert facts.precision == "fp32"


def test_a_quantized_program_keeps_its_scheme():
    scheme = Quantization(
        target="cpu", weights="int8 symmetric per channel", activations="uint8 affine per tensor"
    )
    weight = Tensor(name="weight", shape=(10, 4), dtype="int8")
    scale = Tensor(name="weight_scale", shape=(10,), dtype="float32", role="quantization")
    head = Layer(name="head", type="Linear", tensors=(weight, scale), positions=3)
    facts = plan(head, kind=TorchExported, precision="int8", quantization=scheme)
    assert rows(facts) == [("head", "MatMul", {"weight": (4, 10), "weight_scale": (10,)})]
    assert (facts.precision, facts.quantization) == ("int8", scheme)


def test_the_batch_is_free_or_one():
    conv = layer("conv", "Conv2d", positions=64, weight=(8, 3, 3, 3))
    assert plan(conv).inputs == IMAGES
    fixed = plan(conv, dynamic_batch=False)
    assert fixed.inputs[0].shape == (1, 3, 8, 8)
    assert fixed.outputs[0].shape == (1, 10)


def test_the_opset_is_the_one_asked_for():
    conv = layer("conv", "Conv2d", positions=64, weight=(8, 3, 3, 3))
    assert plan(conv).opset == 18
    assert plan(conv, opset=20).opset == 20
    with pytest.raises(ValidationError, match="greater than or equal to 18"):
        ExportParams(opset=17)


def test_data_of_another_shape_is_refused():
    other = DataSamples(count=9, inputs=(TensorSpec(name="x", shape=("N", 3, 9, 9)),), classes=None)
    with pytest.raises(OperatorError, match="the model wants") as raised:
        plan(data=other, check={"data": "test"})
    assert raised.value.at == ("check", "data")


def test_more_weights_than_a_file_can_hold_are_refused():
    with pytest.raises(OperatorError, match="less than 2 GiB"):
        plan(layer("huge", "Linear", positions=1, weight=(40_000, 20_000)))


def test_the_check_runs_both_runtimes_on_each_sample():
    conv = layer("conv", "Conv2d", 64, weight=(8, 3, 3, 3))
    model = TorchModule(
        inputs=IMAGES, outputs=LOGITS, layers=LayerTable(layers=(conv,)), precision="fp32"
    )

    def work(samples, count=None):
        facts = {"model": model}
        if count is not None:
            facts["check.data"] = DataSamples(count=count, inputs=IMAGES, classes=10)
        operator = OnnxExport(ExportParams.model_validate({"check": {"samples": samples}}))
        return operator.plan(facts, BarePlanContext(Path())).work

    assert work(256) == 2 * 256 * conv.macs
    assert work(256, count=100) == 2 * 100 * conv.macs
    assert work(256, count=UNKNOWN) is None
