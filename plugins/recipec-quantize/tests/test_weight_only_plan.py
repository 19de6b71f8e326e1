"""The plan of `quantize.weight_only`: from layer table to layer table, without a framework."""

from pathlib import Path

import pytest

from quantize_examples.tables import IMAGES, convolution, embedding, linear, norm
from recipec.api import UNKNOWN, LayerTable, OperatorError, Tensor, TensorSpec, TorchModule
from recipec.testing import BarePlanContext
from recipec_quantize.weight_only import WeightOnly, WeightOnlyParams

CONV = convolution("conv", 16, 3, 64)
TABLE = embedding("words", 100, 64)
HEAD = linear("head", 10, 64)


def plan(*layers, **params):
    model = TorchModule(
        inputs=IMAGES,
        outputs=(TensorSpec(name="output", shape=("N", 10)),),
        layers=LayerTable(layers=layers) if layers else UNKNOWN,
        precision="fp32",
    )
    operator = WeightOnly(WeightOnlyParams.model_validate(params))
    return operator.plan({"model": model}, BarePlanContext(Path()))


def rows(planned):
    return {
        layer.name: [(t.name, t.shape, t.dtype) for t in layer.tensors]
        for layer in planned.outputs["model"].layers.layers
    }


def test_int8_has_a_scale_for_each_output_channel():
    assert rows(plan(CONV, norm("norm", 16, "conv"), TABLE, HEAD)) == {
        "conv": [
            ("weight", (16, 3, 3, 3), "int8"),
            ("bias", (16,), "float32"),
            ("weight_scale", (16,), "float32"),
        ],
        "words": [("weight", (100, 64), "int8"), ("weight_scale", (100, 1), "float32")],
        "head": [
            ("weight", (10, 64), "int8"),
            ("bias", (10,), "float32"),
            ("weight_scale", (10,), "float32"),
        ],
    }


def test_int4_has_a_scale_for_each_group_and_the_rest_is_int8():
    planned = plan(CONV, TABLE, HEAD, weights="int4")
    assert rows(planned)["head"] == [
        ("weight", (10, 64), "int4"),
        ("bias", (10,), "float32"),
        ("weight_scale", (10, 2), "float32"),
    ]
    assert rows(planned)["words"][0] == ("weight", (100, 64), "int8")
    assert rows(planned)["conv"][0] == ("weight", (16, 3, 3, 3), "int8")
    assert planned.outputs["model"].precision == "mixed"


def test_affine_int4_has_zero_points():
    planned = plan(HEAD, weights="int4", affine=True, group_size=16)
    assert rows(planned)["head"] == [
        ("weight", (10, 64), "uint4"),
        ("bias", (10,), "float32"),
        ("weight_scale", (10, 4), "float32"),
        ("weight_zero_point", (10, 4), "int8"),
    ]
    assert planned.outputs["model"].precision == "int4"


def test_bytes_are_two_weights_to_a_byte():
    table = plan(HEAD, weights="int4").outputs["model"].layers
    assert table.bytes == 10 * 64 // 2 + 4 * 10 + 4 * 10 * 2


def test_what_int4_is_not_for_can_stay_float():
    planned = plan(CONV, TABLE, HEAD, linear("odd", 7, 20), weights="int4", others="float")
    dtypes = {name: tensors[0][2] for name, tensors in rows(planned).items()}
    assert dtypes == {"conv": "float32", "words": "float32", "head": "int4", "odd": "float32"}
    assert planned.changed == {"layers quantized": 1}


def test_the_effects_say_what_becomes_of_what():
    planned = plan(CONV, HEAD, weights="int4")
    assert planned.effects == (
        "weights of 1 layers → int4, 32 to a scale; activations stay float",
        "weights of 1 layers, which int4 isn't for, → int8",
    )


def test_selectors_choose_layers():
    planned = plan(CONV, TABLE, HEAD, include=["type:Linear", "words"], exclude=["words"])
    dtypes = {name: tensors[0][2] for name, tensors in rows(planned).items()}
    assert dtypes == {"conv": "float32", "words": "float32", "head": "int8"}
    assert planned.matched == {"include": ("words", "head"), "exclude": ("words",)}


@pytest.mark.parametrize(
    ("params", "place", "message"),
    [
        ({"include": ["norm"]}, ("include",), "norm .BatchNorm2d. has no weight"),
        ({"include": ["haed"]}, ("include", 0), "'haed' matches no layer"),
        ({"exclude": ["*"]}, ("exclude",), "no layer is left"),
        ({"group_size": 16}, ("group_size",), "no group_size"),
        ({"affine": True}, ("affine",), "no affine"),
    ],
)
def test_bad_input_is_one_error_at_its_place(params, place, message):
    with pytest.raises(OperatorError, match=message) as raised:
        plan(HEAD, norm("norm", 16), **params)
    assert raised.value.at == place


@pytest.mark.parametrize("group_size", [0, 1, 7, -2])
def test_a_group_is_a_positive_even_number(group_size):
    with pytest.raises(ValueError, match="group_size"):
        WeightOnlyParams.model_validate({"weights": "int4", "group_size": group_size})


def test_a_shared_weight_is_refused_unless_its_layers_are_excluded():
    tied = Tensor(name="weight", shape=(100, 64), dtype="float32", shared_with=("words",))
    logits = linear("logits", 100, 64).model_copy(update={"tensors": (tied,)})
    with pytest.raises(OperatorError, match="logits and words share one weight") as raised:
        plan(HEAD, logits)
    assert raised.value.at == ("exclude",)
    assert raised.value.hint == "these stay in float with exclude: [logits, words]"
    assert plan(HEAD, logits, exclude=["logits"]).changed == {"layers quantized": 1}


def test_a_model_with_nothing_to_quantize_changes_nothing():
    assert plan(norm("norm", 16)).changed == {"layers quantized": 0}


def test_an_unknown_table_gives_an_unknown_table():
    planned = plan()
    assert planned.outputs["model"].layers is UNKNOWN
    assert planned.changed == {"layers quantized": UNKNOWN}
