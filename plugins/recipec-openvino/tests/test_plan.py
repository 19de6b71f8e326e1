"""What `openvino.convert` plans. No framework is needed."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from recipec.api import (
    UNKNOWN,
    DataSamples,
    Layer,
    LayerTable,
    OnnxModel,
    OperatorError,
    Quantization,
    Tensor,
    TensorSpec,
)
from recipec.api.quantization import DYNAMIC
from recipec.testing import AlonePlanContext, BarePlanContext
from recipec_openvino.convert import Convert

INPUTS = (TensorSpec(name="x", shape=("N", 1, 8, 8)),)
OUTPUTS = (TensorSpec(name="logits", shape=("N", 10)),)
INT8 = Quantization(
    target="cpu", weights="int8 symmetric per channel", activations="uint8 affine per tensor"
)


def row(type: str = "Conv", dtype: str = "float32", *more: Tensor) -> Layer:
    weight = Tensor(name="weight", shape=(8, 1, 3, 3), dtype=dtype, zeros=3)
    return Layer(name="conv", type=type, tensors=(weight, *more), positions=64)


def scale(name: str, dtype: str = "float32") -> Tensor:
    return Tensor(name=f"weight_{name}", shape=(8,), dtype=dtype, role="quantization")


def model(*rows: Layer, quantization: Quantization | None = None) -> OnnxModel:
    return OnnxModel(
        inputs=INPUTS,
        outputs=OUTPUTS,
        layers=LayerTable(layers=rows),
        precision="fp32",
        quantization=quantization,
        opset=18,
    )


def plan(source: OnnxModel, data: DataSamples | None = None, **params):
    operator = Convert(Convert.params.model_validate(params))
    inputs = {"model": source} | ({"check.data": data} if data else {})
    return operator.plan(inputs, AlonePlanContext(Path()))


def test_a_float_model_keeps_its_layers():
    made = plan(model(row())).outputs["model"]
    assert (made.inputs, made.outputs, made.precision) == (INPUTS, OUTPUTS, "fp32")
    assert made.layers == model(row()).layers


def test_float16_storage_is_in_the_plan_and_zeros_are_open():
    planned = plan(model(row()), compress_to_fp16=True)
    weight = planned.outputs["model"].layers.layers[0].weight
    assert (weight.dtype, weight.zeros) == ("float16", UNKNOWN)
    assert planned.outputs["model"].precision == "fp16"
    assert planned.effects == ("float32 constants → float16",)


def test_an_int8_model_keeps_weights_and_scales_but_no_zero_points():
    int8 = row("Conv", "int8", scale("scale"), scale("zero_point", "int8"))
    made = plan(model(int8, quantization=INT8)).outputs["model"]
    assert [t.name for t in made.layers.layers[0].tensors] == ["weight", "weight_scale"]
    assert (made.precision, made.quantization) == ("int8", INT8)


def test_scales_stay_float32_when_the_rest_is_halved():
    int8 = row("Conv", "int8", scale("scale"))
    made = plan(model(int8, quantization=INT8), compress_to_fp16=True).outputs["model"]
    assert [t.dtype for t in made.layers.layers[0].tensors] == ["int8", "float32"]


@pytest.mark.parametrize(
    "source",
    [
        model(row("LSTM")),
        model(row("BatchNormalization")),
        model(row("Conv", "uint8", scale("zero_point", "uint8")), quantization=INT8),
        model(row()).model_copy(update={"layers": UNKNOWN}),
    ],
)
def test_layers_that_openvino_takes_apart_are_not_foretold(source):
    made = plan(source).outputs["model"]
    assert (made.layers, made.precision) == (UNKNOWN, UNKNOWN)


def test_dynamic_quantization_is_warned_of():
    planned = plan(model(row("MatMulInteger", "int8"), quantization=DYNAMIC))
    assert planned.outputs["model"].quantization == DYNAMIC
    assert "imitates them in float" in planned.warnings[0]
    assert plan(model(row())).warnings == ()


def test_the_check_counts_as_work_in_both_runtimes():
    assert plan(model(row()), check={"samples": 100}).work == 2 * 100 * 64 * 72


def test_data_that_does_not_fit_is_an_error_at_its_place():
    data = DataSamples(count=5, inputs=(TensorSpec(name="x", shape=("N", 3, 8, 8)),))
    with pytest.raises(OperatorError, match="the model wants x: ") as raised:
        plan(model(row()), data, check={"data": "validation"})
    assert raised.value.at == ("check", "data")


@pytest.mark.parametrize("check", [{"samples": 0}, {"tolerance": 0}, {"tolerance": "120%"}])
def test_impossible_values_are_refused(check):
    with pytest.raises(ValidationError):
        Convert.params.model_validate({"check": check})


def test_the_version_is_unknown_where_openvino_is_missing():
    planned = Convert(Convert.params()).plan({"model": model(row())}, BarePlanContext(Path()))
    assert planned.outputs["model"].openvino_version is UNKNOWN
