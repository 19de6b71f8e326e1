"""What plans of clustering say; no framework is needed."""

import json

import pytest
from pydantic import ValidationError

from recipec.api import UNKNOWN, Layer, LayerTable, OperatorError, Tensor, TorchModule
from recipec.testing import AlonePlanContext
from recipec_clustering.kmeans import KMeans
from recipec_clustering.layout import Stored, file_bytes, header, laid_out
from recipec_clustering.pack import Pack
from recipec_clustering.unpack import Unpack


def layer(name, type, *shape, zeros=0, **tensors):
    row = (
        Tensor(name="weight", shape=shape, dtype="float32", zeros=zeros),
        Tensor(name="bias", shape=shape[:1], dtype="float32", zeros=0),
    )
    return Layer(name=name, type=type, tensors=row, positions=1, **tensors)


TABLE = LayerTable(
    layers=(
        layer("conv", "Conv2d", 16, 8, 3, 3, zeros=100),
        layer("bn", "BatchNorm2d", 16),
        layer("fc", "Linear", 10, 16),
    )
)


def plan(operator, folder, table=TABLE, **params):
    made = operator(operator.params.model_validate(params))
    return made.plan({"model": TorchModule(layers=table)}, AlonePlanContext(folder))


def test_a_plan_counts_the_weights_and_names_those_with_zeros(tmp_path):
    planned = plan(KMeans, tmp_path, bits=4)
    assert planned.changed == {"weights clustered": 16 * 8 * 9 + 160}
    assert planned.effects == (
        "1,312 weights are shared: each of 2 tensors takes at most 16 values, an index of 4 bits",
        "0 is one of the values of conv.weight, and its zeros stay",
    )
    assert planned.outputs["model"].layers == TABLE


def test_zeros_that_are_not_kept_are_unknown(tmp_path):
    planned = plan(KMeans, tmp_path, bits=4, keep_zeros=False, include=["conv"])
    conv, _, fc = planned.outputs["model"].layers.layers
    assert conv.weight.zeros is UNKNOWN
    assert fc.weight.zeros == 0
    assert planned.matched == {"include": ("conv",)}


def test_a_tensor_with_no_more_elements_than_values_is_left_out(tmp_path):
    assert plan(KMeans, tmp_path, clusters=160).changed == {"weights clustered": 1152}
    with pytest.raises(OperatorError, match="no weight has more than 200 elements") as raised:
        plan(KMeans, tmp_path, clusters=200, include=["fc"])
    assert raised.value.at == ("clusters",)


@pytest.mark.parametrize(
    ("params", "at", "message"),
    [
        ({}, (), "how many values is missing"),
        ({"bits": 4, "clusters": 16}, ("clusters",), "both `bits` and `clusters` are given"),
        ({"bits": 4, "include": ["nope"]}, ("include", 0), "'nope' matches no layer"),
        ({"bits": 4, "exclude": ["fc", "nope"]}, ("exclude", 1), "'nope' matches no layer"),
        ({"bits": 4, "include": ["fc", "bn"]}, ("include", 1), "no weight matrix belongs to"),
    ],
)
def test_what_cannot_be_is_an_error_at_its_place(params, at, message, tmp_path):
    with pytest.raises(OperatorError, match=message) as raised:
        plan(KMeans, tmp_path, **params)
    assert raised.value.at == at


@pytest.mark.parametrize("params", [{"bits": 9}, {"clusters": 257}, {"clusters": 1}])
def test_an_index_has_one_to_eight_bits(params):
    with pytest.raises(ValidationError):
        KMeans.params.model_validate(params)


def test_packing_states_the_bytes_of_the_file(tmp_path):
    planned = plan(Pack, tmp_path, bits=4)
    made = planned.outputs["model"]
    # indices of 4 bits, 16 values of 4 bytes for each; biases and the normalization as they are
    data = 1152 // 2 + 160 // 2 + 2 * 16 * 4 + (16 + 16 + 16 + 10) * 4
    stored = laid_out(TABLE, {"conv.weight": 4, "fc.weight": 4})
    assert made.file_bytes == data + len(header(stored)) == file_bytes(stored)
    assert made.dense_bytes == TABLE.bytes
    assert [(b.name, b.bits, b.elements) for b in made.codebooks] == [
        ("conv.weight", 4, 1152),
        ("fc.weight", 4, 160),
    ]
    assert f"the file has {made.file_bytes:,} bytes" in planned.effects[1]


def test_a_tensor_that_would_not_shrink_is_stored_as_it_is(tmp_path):
    planned = plan(Pack, tmp_path, bits=8)
    assert [book.name for book in planned.outputs["model"].codebooks] == ["conv.weight"]
    assert planned.effects[-1] == "stored as they are, since indices would be larger: fc.weight"
    with pytest.raises(OperatorError, match="no weight would get smaller") as raised:
        plan(Pack, tmp_path, bits=8, include=["fc"])
    assert raised.value.at == ("bits",)


def test_without_bits_sizes_are_known_after_the_run(tmp_path):
    made = plan(Pack, tmp_path).outputs["model"]
    assert (made.codebooks, made.file_bytes) == (UNKNOWN, UNKNOWN)
    assert made.layers == TABLE


def test_an_unknown_model_stays_unknown(tmp_path):
    assert plan(KMeans, tmp_path, UNKNOWN, bits=4).changed == {"weights clustered": UNKNOWN}
    assert plan(Pack, tmp_path, UNKNOWN, bits=4).outputs["model"].file_bytes is UNKNOWN


def test_unpacking_gives_the_module_that_was_packed(tmp_path):
    packed = plan(Pack, tmp_path, bits=4).outputs["model"]
    planned = Unpack(Unpack.params()).plan({"model": packed}, AlonePlanContext(tmp_path))
    assert planned.outputs["model"] == TorchModule(layers=TABLE)
    assert planned.work == (1152 + 160) * 4


def test_a_header_is_json_of_a_length_that_eight_divides():
    stored = (Stored("a", "float32", (2, 3)), Stored("b", "bool", (5,)))
    made = header(stored)
    assert len(made) % 8 == 0
    assert int.from_bytes(made[:8], "little") == len(made) - 8
    assert json.loads(made[8:]) == {
        "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
        "b": {"dtype": "BOOL", "shape": [5], "data_offsets": [24, 29]},
    }


def test_a_type_that_files_cannot_store_is_an_error():
    tensor = Tensor(name="weight", shape=(4, 4), dtype="complex64")
    table = LayerTable(layers=(Layer(name="a", type="Linear", tensors=(tensor,)),))
    with pytest.raises(OperatorError, match=r"a\.weight is complex64"):
        laid_out(table, {})
