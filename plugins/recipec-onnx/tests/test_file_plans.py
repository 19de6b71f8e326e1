"""Plans of the operators on ONNX files, from facts alone: without a framework."""

from pathlib import Path

import pytest

from recipec.api import (
    UNKNOWN,
    DataSamples,
    Layer,
    LayerTable,
    OnnxModel,
    OperatorError,
    Tensor,
    TensorSpec,
)
from recipec.testing import BarePlanContext
from recipec_onnx.dynamic import DynamicParams, OnnxQuantizeDynamic
from recipec_onnx.precision import OnnxConvertPrecision, PrecisionParams
from recipec_onnx.simplify import OnnxSimplify, SimplifyParams
from recipec_onnx.static import OnnxQuantizeStatic, StaticParams

IMAGES = (TensorSpec(name="x", shape=("N", 3, 8, 8)),)
SAMPLES = DataSamples(count=100, inputs=IMAGES, classes=10)


def layer(name, kind, positions=1, **shapes):
    tensors = tuple(Tensor(name=n, shape=s, dtype="float32", zeros=0) for n, s in shapes.items())
    return Layer(name=name, type=kind, tensors=tensors, positions=positions)


CONV = layer("conv", "Conv", 64, weight=(8, 3, 3, 3), bias=(8,))
NORM = layer("norm", "LayerNormalization", 0, weight=(8,), bias=(8,))
LINEAR = layer("linear", "MatMul", 4, weight=(8, 10), bias=(10,))


def model(*layers, opset=17, **more):
    facts = {"inputs": IMAGES, "outputs": (), "precision": "fp32", "opset": opset, **more}
    return OnnxModel(layers=LayerTable(layers=layers), **facts)


def static(facts, data=SAMPLES, **params):
    chosen = StaticParams.model_validate({"calibration": {"data": "d", "samples": 40}, **params})
    inputs = {"model": facts, "calibration.data": data}
    return OnnxQuantizeStatic(chosen).plan(inputs, BarePlanContext(Path()))


def dynamic(facts, **params):
    operator = OnnxQuantizeDynamic(DynamicParams.model_validate(params))
    return operator.plan({"model": facts}, BarePlanContext(Path()))


def tensors(planned, row=0):
    table = planned.outputs["model"].layers
    return {t.name: (t.shape, t.dtype) for t in table.layers[row].tensors}


def test_static_int8_for_a_cpu_has_int32_biases():
    assert tensors(static(model(CONV))) == {
        "weight": ((8, 3, 3, 3), "int8"),
        "bias": ((8,), "int32"),
        "weight_scale": ((8,), "float32"),
        "weight_zero_point": ((8,), "int8"),
        "bias_scale": ((8,), "float32"),
        "bias_zero_point": ((8,), "int32"),
    }


def test_static_int8_for_tensorrt_leaves_biases_float():
    assert tensors(static(model(CONV), target="tensorrt"))["bias"] == ((8,), "float32")


def test_a_gemm_without_a_bias_could_be_either_way_round():
    ambiguous = layer("fc", "Gemm", weight=(8, 10))
    assert static(model(ambiguous)).outputs["model"].layers is UNKNOWN
    assert dynamic(model(ambiguous)).outputs["model"].layers is UNKNOWN
    square = layer("fc", "Gemm", weight=(8, 8))
    assert tensors(static(model(square)))["weight_scale"] == ((8,), "float32")
    assert tensors(dynamic(model(square)))["weight"] == ((8, 8), "int8")


def test_a_plan_counts_what_it_changes_and_what_that_takes():
    planned = static(model(CONV, NORM, LINEAR), exclude=["linear"])
    assert planned.changed == {"layers quantized": 1}
    assert planned.effects == ("1 of 2 layers → int8",)
    assert planned.work == 40 * (CONV.macs + LINEAR.macs)
    assert planned.learns_from["calibration.data"].samples == 40


def test_an_upgrade_that_will_be_needed_is_said():
    [first, *_] = static(model(CONV, opset=9)).effects
    assert first.startswith("the model is upgraded first, from opset 9 to 13")
    assert dynamic(model(LINEAR, opset=13)).effects == ("1 of 1 layers → int8",)


def test_a_transformer_is_warned_of():
    [warning] = static(model(NORM, LINEAR)).warnings
    assert "attention mask" in warning
    assert static(model(NORM, LINEAR), operators=["Gather", "MatMul"]).warnings == ()
    assert static(model(CONV, LINEAR)).warnings == ()


@pytest.mark.parametrize(
    ("operator", "params"),
    [
        (OnnxQuantizeStatic, {"calibration": {"data": "d"}}),
        (OnnxQuantizeDynamic, {}),
        (OnnxConvertPrecision, {}),
        (OnnxSimplify, {}),
    ],
)
def test_data_to_compare_on_must_fit_the_model(operator, params):
    other = DataSamples(count=9, inputs=(TensorSpec(name="x", shape=("N", 3, 9, 9)),))
    made = operator(operator.params.model_validate({**params, "check": {"data": "test"}}))
    inputs = {"model": model(CONV), "check.data": other, "calibration.data": SAMPLES}
    with pytest.raises(OperatorError, match="the model wants") as raised:
        made.plan(inputs, BarePlanContext(Path()))
    assert raised.value.at == ("check", "data")


def half(facts, **params):
    operator = OnnxConvertPrecision(PrecisionParams.model_validate(params))
    return operator.plan({"model": facts}, BarePlanContext(Path()))


def test_half_precision_is_half_the_bytes_with_the_same_zeros():
    planned = half(model(CONV, LINEAR), keep=["linear"])
    before, after = model(CONV, LINEAR).layers, planned.outputs["model"].layers
    assert after.bytes == CONV.bytes // 2 + LINEAR.bytes
    assert after.zeros == before.zeros
    assert planned.outputs["model"].precision == "mixed"
    assert planned.outputs["model"].inputs == IMAGES


def test_half_precision_may_reach_inputs_and_outputs():
    planned = half(model(CONV), keep_io=False, to="bfloat16")
    assert planned.outputs["model"].inputs[0].dtype == "bfloat16"
    assert planned.outputs["model"].opset == 22


def test_half_precision_of_nothing_changes_nothing():
    assert half(model(CONV), keep=["conv"][:0], keep_operators=["Conv"]).changed == {
        "layers converted": 0
    }


def test_what_simplifying_leaves_is_known_afterwards():
    operator = OnnxSimplify(SimplifyParams())
    planned = operator.plan({"model": model(CONV)}, BarePlanContext(Path()))
    facts = planned.outputs["model"]
    assert (facts.layers, facts.precision, facts.opset) == (UNKNOWN, "fp32", 17)
    assert planned.changed == {"nodes removed": UNKNOWN}
