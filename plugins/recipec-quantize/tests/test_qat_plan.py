"""The plan of `quantize.qat`: from layer table to layer table, without a framework."""

from pathlib import Path

import pytest

from quantize_examples.tables import IMAGES, convolution, linear, norm, recurrent
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
from recipec_quantize.qat import QatParams, QuantizationAwareTraining

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
    operator = QuantizationAwareTraining(
        QatParams.model_validate({"data": "train", "epochs": 2, **params})
    )
    inputs = {"model": model, "data": data}
    return operator.plan(inputs, BarePlanContext(Path()))


def test_what_is_made_is_what_static_quantization_makes():
    conv, head = plan(*SMALL).outputs["model"].layers.layers
    assert [(t.name, t.shape, t.dtype) for t in conv.tensors] == [
        ("weight", (16, 3, 3, 3), "int8"),
        ("bias", (16,), "float32"),
        ("weight_scale", (16,), "float32"),
    ]
    assert head.weight.dtype == "int8"


def test_zeros_are_known_only_after_training():
    _, head = plan(*SMALL).outputs["model"].layers.layers
    assert [t.zeros for t in head.tensors] == [UNKNOWN] * 3


def test_the_target_decides_the_scheme():
    assert plan(*SMALL).outputs["model"].quantization.activations == "uint8 affine per tensor"
    made = plan(*SMALL, target="tensorrt").outputs["model"]
    assert made.quantization.activations == "int8 symmetric per tensor"


def test_the_effects_say_how_it_trains_and_what_is_rounded():
    planned = plan(*SMALL, weight_bits=3, distill="20%")
    assert planned.effects == (
        "2 of 2 convolutions and linear layers → int8",
        "weights have 7 levels (3 bits), stored in 8 bits",
        "1 batch normalizations fold into the layers before them",
        "2 epochs × 1000 samples = 64 steps of 32",
        "sgd, lr 0.05, one_cycle; 20% distance to the float model's outputs, the rest "
        "cross_entropy; 32-true",
        "ranges and batch statistics are frozen after 75% of the steps",
    )
    assert planned.changed == {"layers quantized": 2}
    assert planned.learns_from["data"].how == "trains"
    assert planned.work == 3 * 2 * 1000 * LayerTable(layers=SMALL).macs


@pytest.mark.parametrize(
    ("params", "place", "message"),
    [
        ({"epochs": None}, (), "how long to train is missing"),
        ({"precision": "bf16-mixed"}, ("precision",), "simulated in float32"),
        ({"early_stop": {}}, ("early_stop",), "no data to measure on"),
        (
            {"early_stop": {}, "validation": "v", "freeze": "100%", "epochs": 9},
            ("early_stop",),
            "at the last epoch only: until step 288 of 288",
        ),
        ({"exclude": ["haed"]}, ("exclude", 0), "'haed' matches no layer"),
        ({"exclude": ["*"]}, ("exclude",), "no layer is left"),
    ],
)
def test_bad_input_is_one_error_at_its_place(params, place, message):
    with pytest.raises(OperatorError, match=message) as raised:
        plan(*SMALL, **params)
    assert raised.value.at == place


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (DATA.model_copy(update={"classes": None}), "no labels"),
        (DATA.model_copy(update={"classes": 12}), "12 classes"),
        (
            DATA.model_copy(update={"inputs": (TensorSpec(name="x", shape=("N", 3, 9, 9)),)}),
            "the model wants",
        ),
    ],
)
def test_data_that_cannot_be_trained_on_is_refused(data, message):
    with pytest.raises(OperatorError, match=message) as raised:
        plan(*SMALL, data=data)
    assert raised.value.at == ("data",)


@pytest.mark.parametrize(
    "params", [{"weight_bits": 1}, {"weight_bits": 9}, {"freeze": 0}, {"distill": 1.5}]
)
def test_amounts_outside_their_range_are_refused(params):
    with pytest.raises(ValueError, match=next(iter(params))):
        QatParams.model_validate({"data": "train", "epochs": 1, **params})


def test_a_shared_weight_is_refused():
    tied = Tensor(name="weight", shape=(10, 16), dtype="float32", shared_with=("other",))
    with pytest.raises(OperatorError, match="share one weight"):
        plan(linear("head", 10, 16).model_copy(update={"tensors": (tied,)}))


def test_a_model_of_recurrent_layers_changes_nothing():
    assert plan(recurrent("lstm", "LSTM", 6, 8)).changed == {"layers quantized": 0}


def test_an_unknown_table_gives_an_unknown_table():
    planned = plan()
    assert planned.outputs["model"].layers is UNKNOWN
    assert planned.changed == {"layers quantized": UNKNOWN}


def test_early_stopping_looks_at_epochs_with_frozen_ranges():
    stop = {"early_stop": {"patience": 1}, "validation": "v"}
    assert any("stops after 1" in said for said in plan(*SMALL, **stop, epochs=8).effects)
    plan(*SMALL, **stop, epochs=1)  # there is one epoch only: nothing is lost
    plan(*SMALL, freeze="100%", epochs=8)
    with pytest.raises(OperatorError) as raised:
        plan(*SMALL, **stop, epochs=2)
    assert raised.value.hint == ("a `freeze` of less than 75%, train for longer, or leave it out")
