"""The plan of `quantize.dynamic`: from layer table to layer table, without a framework."""

from pathlib import Path

import pytest

from quantize_examples.tables import IMAGES, convolution, linear, norm, recurrent
from recipec.api import UNKNOWN, LayerTable, OperatorError, Tensor, TensorSpec, TorchModule
from recipec.testing import BarePlanContext
from recipec_quantize.dynamic import DynamicParams, DynamicQuantization

HEAD = linear("head", 10, 64)


def plan(*layers, **params):
    model = TorchModule(
        inputs=IMAGES,
        outputs=(TensorSpec(name="output", shape=("N", 10)),),
        layers=LayerTable(layers=layers) if layers else UNKNOWN,
        precision="fp32",
    )
    operator = DynamicQuantization(DynamicParams.model_validate(params))
    return operator.plan({"model": model}, BarePlanContext(Path()))


def test_every_weight_of_a_recurrent_layer_has_its_scales():
    [row] = plan(recurrent("lstm", "LSTM", 6, 8)).outputs["model"].layers.layers
    assert row.type == "DynamicLSTM"
    assert [(t.name, t.shape, t.dtype, t.role) for t in row.tensors] == [
        ("weight_ih_l0", (32, 6), "int8", "parameter"),
        ("weight_hh_l0", (32, 8), "int8", "parameter"),
        ("bias_ih_l0", (32,), "float32", "parameter"),
        ("bias_hh_l0", (32,), "float32", "parameter"),
        ("weight_ih_l0_scale", (32,), "float32", "quantization"),
        ("weight_hh_l0_scale", (32,), "float32", "quantization"),
    ]


def test_a_weight_can_have_one_scale():
    planned = plan(HEAD, per_channel=False).outputs["model"]
    assert planned.layers.layers[0].tensors[-1].shape == (1,)
    assert planned.layers.bytes == 640 + 40 + 4
    assert planned.quantization.weights == "int8 symmetric per tensor"


def test_convolutions_stay_float():
    planned = plan(convolution("conv", 16, 3, 64), norm("norm", 16), HEAD)
    conv, _, head = planned.outputs["model"].layers.layers
    assert (conv.weight.dtype, head.weight.dtype) == ("float32", "int8")
    assert planned.outputs["model"].precision == "mixed"
    assert planned.changed == {"layers quantized": 1}


def test_the_scheme_says_that_activations_are_quantized_at_run_time():
    made = plan(HEAD).outputs["model"]
    assert made.precision == "int8"
    assert made.quantization.activations == "uint8 affine per tensor, at run time"


@pytest.mark.parametrize(
    "layer",
    [
        convolution("it", 16, 3, 64),
        norm("it", 16),
        linear("it", 10, 64, positions=0),
        recurrent("it", "RNN", 6, 8),
        recurrent("it", "LSTM", 6, 8, projected=True),
    ],
    ids=["convolution", "norm", "never called", "plain RNN", "projections"],
)
def test_what_has_no_kernel_stays_and_is_an_error_where_it_is_named(layer):
    assert plan(layer, HEAD).changed == {"layers quantized": 1}
    with pytest.raises(OperatorError, match="can't be quantized dynamically") as raised:
        plan(layer, HEAD, include=["it"])
    assert raised.value.at == ("include",)


def test_a_model_of_convolutions_changes_nothing():
    planned = plan(convolution("conv", 16, 3, 64))
    assert planned.changed == {"layers quantized": 0}
    assert planned.outputs["model"].precision == "fp32"
    assert planned.effects == (
        "no float32 linear layer, LSTM or GRU is chosen; quantize.static is for others",
    )


def test_the_lint_about_convolutions_knows_the_operator():
    """`dynamic-int8-convolutions` goes by this trait."""
    assert "quantizes dynamically" in DynamicQuantization.traits


def test_a_selector_without_a_match_is_an_error():
    with pytest.raises(OperatorError, match="'lstm' matches no layer") as raised:
        plan(HEAD, include=["lstm"])
    assert raised.value.at == ("include", 0)


def test_a_shared_weight_is_refused():
    tied = Tensor(name="weight", shape=(100, 64), dtype="float32", shared_with=("words",))
    logits = linear("logits", 100, 64).model_copy(update={"tensors": (tied,)})
    with pytest.raises(OperatorError, match="logits and words share one weight"):
        plan(logits)


def test_an_unknown_table_gives_an_unknown_table():
    assert plan().outputs["model"].layers is UNKNOWN
