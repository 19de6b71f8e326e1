"""The plan of `quantize.static`: from layer table to layer table, without a framework."""

from pathlib import Path

import pytest

from quantize_examples.tables import IMAGES, convolution, linear, norm
from recipec.api import (
    UNKNOWN,
    DataSamples,
    LayerTable,
    OperatorError,
    Tensor,
    TensorSpec,
    TorchModule,
)
from recipec.testing import BarePlanContext
from recipec_quantize.static import StaticParams, StaticQuantization

DATA = DataSamples(count=1000, inputs=IMAGES, classes=10)


SMALL = (
    convolution("conv", 16, 3, 64),
    norm("norm", 16, folds_into="conv"),
    linear("head", 10, 16),
)


def plan(*layers, data=DATA, **params):
    model = TorchModule(
        inputs=IMAGES,
        outputs=(TensorSpec(name="output", shape=("N", 10)),),
        layers=LayerTable(layers=layers) if layers else UNKNOWN,
        precision="fp32",
    )
    calibration = {"data": "train", **params.pop("calibration", {})}
    operator = StaticQuantization(
        StaticParams.model_validate({"calibration": calibration, **params})
    )
    return operator.plan({"model": model, "calibration.data": data}, BarePlanContext(Path()))


def tensors(layer):
    return [(t.name, t.shape, t.dtype, t.role) for t in layer.tensors]


def test_weights_become_int8_with_a_scale_for_each_output_channel():
    conv, head = plan(*SMALL).outputs["model"].layers.layers
    assert tensors(conv) == [
        ("weight", (16, 3, 3, 3), "int8", "parameter"),
        ("bias", (16,), "float32", "parameter"),
        ("weight_scale", (16,), "float32", "quantization"),
    ]
    assert tensors(head) == [
        ("weight", (10, 16), "int8", "parameter"),
        ("bias", (10,), "float32", "parameter"),
        ("weight_scale", (10,), "float32", "quantization"),
    ]


def test_bytes_and_multiply_adds_are_those_of_the_int8_model():
    table = plan(*SMALL).outputs["model"].layers
    assert table.bytes == (16 * 27 + 4 * 16 + 4 * 16) + (10 * 16 + 4 * 10 + 4 * 10)
    assert table.macs == 64 * 16 * 27 + 10 * 16


def test_zeros_of_what_is_rounded_or_scaled_are_known_only_afterwards():
    conv, head = plan(*SMALL).outputs["model"].layers.layers
    assert [t.zeros for t in conv.tensors] == [UNKNOWN, UNKNOWN, UNKNOWN]
    assert [t.zeros for t in head.tensors] == [UNKNOWN, 1, UNKNOWN]


def test_a_batch_norm_that_does_not_fold_stays():
    table = plan(*SMALL[:1], norm("norm", 16), SMALL[2]).outputs["model"].layers
    assert [layer.name for layer in table.layers] == ["conv", "norm", "head"]
    assert [t.name for t in table.layers[0].tensors] == ["weight", "weight_scale"]


def test_a_batch_norm_of_a_sequence_does_not_fold_into_its_linear_layer():
    wide = linear("wide", 16, 3, positions=7)
    table = plan(wide, norm("norm", 7, folds_into="wide")).outputs["model"].layers
    assert [layer.name for layer in table.layers] == ["wide", "norm"]


def test_a_batch_norm_without_running_statistics_does_not_fold():
    moving = norm("norm", 16, folds_into="conv")
    bare = moving.model_copy(update={"tensors": moving.tensors[:2]})
    table = plan(SMALL[0], bare).outputs["model"].layers
    assert [layer.name for layer in table.layers] == ["conv", "norm"]


@pytest.mark.parametrize(
    ("target", "activations"),
    [("cpu", "uint8 affine per tensor"), ("tensorrt", "int8 symmetric per tensor")],
)
def test_the_target_decides_the_scheme(target, activations):
    facts = plan(*SMALL, target=target).outputs["model"]
    assert facts.precision == "int8"
    assert facts.quantization.target == target
    assert facts.quantization.weights == "int8 symmetric per channel"
    assert facts.quantization.activations == activations


def test_excluded_layers_stay_float():
    planned = plan(*SMALL, exclude=["type:Linear"])
    conv, head = planned.outputs["model"].layers.layers
    assert (conv.weight.dtype, head.weight.dtype) == ("int8", "float32")
    assert planned.outputs["model"].precision == "mixed"
    assert planned.effects[0] == "1 of 2 convolutions and linear layers → int8"


def test_an_exclusion_that_matches_nothing_is_an_error():
    with pytest.raises(OperatorError, match=r"'stem\*' matches no layer") as raised:
        plan(*SMALL, exclude=["head", "stem*"])
    assert raised.value.at == ("exclude", 1)


@pytest.mark.parametrize(
    "layer",
    [
        convolution("up", 16, 3, 64, kind="ConvTranspose2d"),
        convolution("idle", 16, 3, 0),
        convolution("half", 16, 3, 64, dtype="float16"),
        norm("norm", 16),
    ],
    ids=["transposed", "never called", "float16", "no multiply-adds"],
)
def test_a_model_without_a_layer_to_quantize_changes_nothing(layer):
    planned = plan(layer)
    assert planned.changed == {"layers quantized": 0}
    facts = planned.outputs["model"]
    assert facts.quantization is None
    assert facts.layers.layers[0].name == layer.name


def test_fewer_bits_are_told_and_stored_in_int8():
    planned = plan(*SMALL, weight_bits=3, activation_bits=4)
    assert planned.outputs["model"].precision == "int8"
    assert planned.effects[1:3] == (
        "weights have 7 levels (3 bits), stored in 8 bits",
        "activations have 16 levels (4 bits), stored in 8 bits",
    )


@pytest.mark.parametrize("bits", [1, 9])
def test_there_are_two_to_eight_bits(bits):
    for name in ("weight_bits", "activation_bits"):
        with pytest.raises(ValueError, match=name):
            StaticParams.model_validate({"calibration": {"data": "train"}, name: bits})


def test_a_shared_weight_is_refused():
    tied = Tensor(name="weight", shape=(100, 64), dtype="float32", shared_with=("words",))
    logits = linear("logits", 100, 64).model_copy(update={"tensors": (tied,)})
    with pytest.raises(OperatorError, match="logits and words share one weight") as raised:
        plan(*SMALL, logits)
    assert raised.value.at == ("exclude",)
    assert plan(*SMALL, logits, exclude=["logits"]).changed == {"layers quantized": 2}


def test_excluding_everything_is_an_error_at_exclude():
    with pytest.raises(OperatorError, match="no layer is left") as raised:
        plan(*SMALL, exclude=["*"])
    assert raised.value.at == ("exclude",)


def test_inputs_and_outputs_are_kept():
    facts = plan(*SMALL).outputs["model"]
    assert facts.inputs == IMAGES
    assert [spec.name for spec in facts.outputs] == ["output"]


def test_an_unknown_table_gives_an_unknown_table():
    facts = plan().outputs["model"]
    assert facts.layers is UNKNOWN
    assert facts.quantization is UNKNOWN


def test_data_of_another_shape_is_refused():
    data = DataSamples(count=9, inputs=(TensorSpec(name="x", shape=("N", 3, 9, 9)),), classes=None)
    with pytest.raises(OperatorError, match="the model wants") as raised:
        plan(*SMALL, data=data)
    assert raised.value.at == ("calibration", "data")


def test_it_says_how_many_samples_it_calibrates_on():
    (learning,) = plan(*SMALL, calibration={"samples": 100}).learns_from.items()
    assert learning[0] == "calibration.data"
    assert (learning[1].how, learning[1].samples) == ("calibrates", 100)


def test_calibration_takes_a_forward_pass_of_each_sample_that_there_is():
    macs = LayerTable(layers=SMALL).macs
    assert plan(*SMALL, calibration={"samples": 64}).work == 64 * macs
    assert plan(*SMALL, calibration={"samples": 5000}).work == 1000 * macs
    assert plan(*SMALL, data=DATA.model_copy(update={"count": UNKNOWN})).work is None
    assert plan().work is None
