"""Real engines of more kinds of models: what their layers compute in. No GPU is needed."""

import json
import sys

import ml_dtypes
import numpy as np
import onnx
import pytest
import tensorrt_rtx

from recipec.api import OnnxModel, OperatorError
from recipec.api.onnx import Session, onnx_facts
from recipec.testing import AlonePlanContext, artifact, run_alone
from recipec_tensorrt import _build
from recipec_tensorrt._operators import unknown_operators
from recipec_tensorrt._tables import dequantize_tables
from recipec_tensorrt.build import Build
from recipec_tensorrt.checks import DOUBTFUL

pytestmark = pytest.mark.frameworks

helper, numpy_helper = onnx.helper, onnx.numpy_helper
FLOAT, INT = onnx.TensorProto.FLOAT, onnx.TensorProto.INT64


def node(operator, inputs, output, **attributes):
    return helper.make_node(operator, inputs.split(), [output], name=output, **attributes)


def write(path, nodes, stored, inputs, outputs, opset=18):
    values = [
        [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in specs]
        for specs in (inputs, outputs)
    ]
    tensors = [numpy_helper.from_array(np.asarray(a), name) for name, a in stored.items()]
    graph = helper.make_graph(nodes, "graph", *values, tensors)
    imports = [helper.make_opsetid("", opset)]
    onnx.save(helper.make_model(graph, opset_imports=imports, ir_version=10), path)
    return artifact(onnx_facts(path), path)


def weights(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32) / 8


def build(model, folder, **params):
    """Build and give artifacts and context; what is made must be what was planned."""
    operator = Build(
        Build.params.model_validate(
            {"compute_capabilities": ["8.9"], "workspace": "64MiB"} | params
        )
    )
    planned = operator.plan({"model": model.facts}, AlonePlanContext(folder)).outputs
    made, context = run_alone(operator, {"model": model}, folder / "build")
    for port, facts in planned.items():
        assert list(facts.contradictions(made[port].facts)) == []
    return made, context


def encoder(folder):
    """Attention over tokens, with a mask: two int64 inputs, a free batch and a free length."""
    nodes = [
        node("Gather", "table ids", "e"),
        node("MatMul", "e q", "query"),
        node("Transpose", "e", "key", perm=[0, 2, 1]),
        node("MatMul", "query key", "scores"),
        node("Cast", "mask", "kept", to=FLOAT),
        node("Unsqueeze", "kept one", "row"),
        node("Mul", "scores row", "masked"),
        node("Softmax", "masked", "attention", axis=-1),
        node("MatMul", "attention e", "mixed"),
        node("LayerNormalization", "mixed gain", "y"),
    ]
    stored = {
        "table": weights(40, 16),
        "q": weights(16, 16),
        "one": np.array([1], np.int64),
        "gain": np.ones(16, np.float32),
    }
    tokens = [(name, INT, ["N", "L"]) for name in ("ids", "mask")]
    return write(folder / "m.onnx", nodes, stored, tokens, [("y", FLOAT, ["N", "L", 16])])


LENGTH = {"L": {"min": 4, "opt": 16, "max": 64}}


def test_two_inputs_of_tokens_with_a_free_batch_and_length(tmp_path):
    made, _ = build(encoder(tmp_path), tmp_path, dimensions=LENGTH)
    assert [str(spec) for spec in made["engine"].facts.inputs] == [
        "ids: [N, L] int64",
        "mask: [N, L] int64",
    ]
    assert made["layers"].facts.arithmetic == {"float32": 3}
    assert made["layers"].facts.in_float == ()


def test_an_engine_with_two_profiles_holds_both(tmp_path):
    one, many = {"min": 1, "opt": 1, "max": 1}, {"min": 2, "opt": 16, "max": 32}
    profiles = [{"batch": one, "dimensions": LENGTH}, {"batch": many, "dimensions": LENGTH}]
    made, _ = build(encoder(tmp_path), tmp_path, profiles=profiles)
    # An engine names the inputs of each further profile.
    assert b"ids [profile 1]" in made["engine"].path.read_bytes()


def test_whole_shapes_of_inputs_make_a_profile_too(tmp_path):
    sizes = {"min": [1, 4], "opt": [8, 16], "max": [8, 32]}
    made, _ = build(encoder(tmp_path), tmp_path, shapes={"ids": sizes, "mask": sizes})
    assert made["engine"].size > 0


def two_layers(folder, opset=18, **pairs):
    """Two products; `pairs` puts other values in the place of `x` and of the weights."""
    nodes = [
        *pairs.get("nodes", ()),
        node("MatMul", f"{pairs.get('x', 'x')} {pairs.get('first', 'w1')}", "h"),
        node("Relu", "h", "r"),
        node("MatMul", f"r {pairs.get('second', 'w2')}", "y"),
    ]
    stored = {"w1": weights(64, 64), "w2": weights(64, 10), **pairs.get("stored", {})}
    read = {name for n in nodes for name in n.input}
    return write(
        folder / "m.onnx",
        nodes,
        {name: value for name, value in stored.items() if name in read},
        [("x", FLOAT, ["N", 64])],
        [("y", FLOAT, ["N", 10])],
        opset,
    )


QUANTIZED = {
    "q1": np.ones((64, 64), np.int8),
    "q2": np.ones((64, 10), np.int8),
    "s": np.float32(0.1),
    "z": np.int8(0),
}
PAIR = [node("QuantizeLinear", "x s z", "xq"), node("DequantizeLinear", "xq s z", "xd")]


def test_of_a_quantized_model_it_is_told_which_layers_stay_in_float(tmp_path):
    pairs = [*PAIR, node("DequantizeLinear", "q1 s z", "wd")]
    model = two_layers(tmp_path, x="xd", first="wd", nodes=pairs, stored=QUANTIZED)
    made, _ = build(model, tmp_path)
    assert made["engine"].facts.precision == "mixed"
    assert made["layers"].facts.arithmetic == {"float32": 1, "int8": 1}
    assert made["layers"].facts.in_float == ("y",)
    operator = Build(Build.params())
    result = operator.run({"model": model}, run_alone(operator, {"model": model}, tmp_path)[1])
    assert result.notes[:2] == (
        "layers that multiply matrices: 1 in float32, 1 in int8",
        "in float: y",
    )
    assert {m.name: m.value for m in result.metrics}["network.layers.int8"] == 1


def test_weights_alone_in_int8_are_multiplied_in_float(tmp_path):
    pairs = [
        node("DequantizeLinear", "q1 s z", "w1d"),
        node("DequantizeLinear", "q2 s z", "w2d"),
    ]
    model = two_layers(tmp_path, first="w1d", second="w2d", nodes=pairs, stored=QUANTIZED)
    made, _ = build(model, tmp_path)
    assert made["engine"].facts.precision == "int8"
    assert made["engine"].facts.quantization is None
    assert made["layers"].facts.arithmetic == {"float32": 2}


def test_groups_of_four_bit_weights(tmp_path):
    groups = {
        "w4": np.ones((64, 64), ml_dtypes.int4),
        "groups": np.full((2, 64), 0.1, np.float32),
    }
    pairs = [node("DequantizeLinear", "w4 groups", "wd", axis=0, block_size=32)]
    model = two_layers(tmp_path, 21, first="wd", nodes=pairs, stored=groups)
    made, _ = build(model, tmp_path)
    assert made["engine"].facts.precision == "mixed"  # the second product's weight is float


@pytest.mark.parametrize(("dtype", "precision"), [("float16", "fp16"), ("bfloat16", "bf16")])
def test_half_precision_between_float_inputs_and_outputs(dtype, precision, tmp_path):
    kind = getattr(onnx.TensorProto, dtype.upper())
    numpy = ml_dtypes.bfloat16 if dtype == "bfloat16" else np.float16
    nodes = [
        node("Cast", "x", "half", to=kind),
        node("MatMul", "half w", "product"),
        node("Cast", "product", "y", to=FLOAT),
    ]
    x, y = ("x", FLOAT, ["N", 64]), ("y", FLOAT, ["N", 10])
    stored = {"w": weights(64, 10).astype(numpy)}
    made, _ = build(write(tmp_path / "m.onnx", nodes, stored, [x], [y]), tmp_path)
    assert made["engine"].facts.precision == precision
    assert made["engine"].facts.inputs[0].dtype == "float32"
    assert made["layers"].facts.arithmetic == {dtype: 1}


def test_an_lstm_over_a_free_batch(tmp_path):
    lstm = helper.make_node(
        "LSTM", ["steps", "w", "r"], ["all", "last"], name="lstm", hidden_size=12
    )
    nodes = [
        node("Transpose", "x", "steps", perm=[1, 0, 2]),
        lstm,
        node("Squeeze", "last zero", "state"),
        node("Gemm", "state head", "y", transB=1),
    ]
    stored = {
        "w": weights(1, 48, 8),
        "r": weights(1, 48, 12),
        "zero": np.array([0], np.int64),
        "head": weights(5, 12),
    }
    x, y = ("x", FLOAT, ["N", 6, 8]), ("y", FLOAT, ["N", 5])
    made, _ = build(write(tmp_path / "m.onnx", nodes, stored, [x], [y]), tmp_path)
    assert made["layers"].facts.arithmetic == {"float32": 3}  # input, state and head


def test_the_file_lists_every_layer_with_its_node_and_types(tmp_path):
    made, _ = build(two_layers(tmp_path), tmp_path)
    listed = json.loads(made["layers"].path.read_text())
    assert made["layers"].facts.source == "network"
    assert list(listed) == ["network"]
    assert made["layers"].facts.count == len(listed["network"])
    product = next(row for row in listed["network"] if row["node"] == "h")
    assert product["type"] == "MATRIX_MULTIPLY"
    assert product["arithmetic"] == "float32"
    assert product["outputs"] == [{"name": "h", "shape": [-1, 64], "dtype": "float32"}]


def test_tensorrt_on_a_gpu_adds_what_the_engines_inspector_says(tmp_path, monkeypatch):
    """Without a GPU no engine can be opened: the inspector's answer stands in for it here."""
    monkeypatch.setitem(sys.modules, "tensorrt", tensorrt_rtx)
    monkeypatch.setattr(_build, "inspected", lambda *_: {"Layers": ["fused"]})
    params = {"runtime": "tensorrt", "compute_capabilities": []}
    made, _ = build(two_layers(tmp_path), tmp_path, **params)
    assert made["layers"].facts.source == "engine"
    assert json.loads(made["layers"].path.read_text())["engine"] == {"Layers": ["fused"]}


def test_an_engine_that_cannot_be_opened_is_listed_by_its_network(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorrt", tensorrt_rtx)
    params = {"runtime": "tensorrt", "compute_capabilities": []}
    made, _ = build(two_layers(tmp_path), tmp_path, **params)
    assert made["layers"].facts.source == "network"


# What can't be built is told before it is tried


def refusal(facts, folder):
    with pytest.raises(OperatorError) as raised:
        Build(Build.params()).plan({"model": facts}, AlonePlanContext(folder))
    return raised.value


def test_operators_that_the_parser_does_not_know_are_a_plan_error(tmp_path):
    facts = OnnxModel(operators={"Conv": 2, "DynamicQuantizeLinear": 3, "MatMulInteger": 3})
    problem = refusal(facts, tmp_path)
    assert (
        problem.message == "TensorRT's parser has no DynamicQuantizeLinear (3), MatMulInteger (3)"
    )
    assert problem.hint.startswith("it takes Q/DQ pairs with constant scales")


def test_the_doubtful_operators_are_those_that_the_installed_parser_does_not_know():
    names = {s.name for s in onnx.defs.get_all_schemas() if s.domain in ("", "ai.onnx")}
    unknown = unknown_operators("tensorrt_rtx", sorted(names))
    assert "MatMulInteger" in unknown
    assert set(unknown) <= DOUBTFUL


def test_an_operator_of_another_domain_may_have_a_plugin(tmp_path):
    facts = OnnxModel(operators={"Conv": 2, "acme::Frobnicate": 1})
    assert Build(Build.params()).plan({"model": facts}, AlonePlanContext(tmp_path))


def table(folder, scaled=True, **more):
    """Rows of an int8 table, multiplied by a scale of their own after they were looked up."""
    nodes = [
        node("Gather", "table ids", "rows"),
        *([node("Gather", "scales ids", "scale")] if scaled else []),
        node("Cast", "rows", "floats" if scaled else "y", to=FLOAT),
        *([node("Mul", "floats scale", "y")] if scaled else []),
    ]
    codes = np.random.default_rng(0).integers(-127, 128, (40, 16)).astype(np.int8)
    stored = {"table": codes}
    if scaled:
        stored["scales"] = np.linspace(0.01, 0.1, 40, dtype=np.float32).reshape(40, 1)
    x, y = ("ids", INT, ["N", 6]), ("y", FLOAT, ["N", 6, 16])
    outputs = [y, *more.get("outputs", [])]
    return write(folder / "m.onnx", nodes, stored, [x], outputs)


def test_rows_of_an_int8_table_are_scaled_before_they_are_looked_up(tmp_path):
    model = table(tmp_path)
    made, context = build(model, tmp_path)
    assert made["engine"].facts.precision == "int8"
    result = Build(Build.params()).run({"model": model}, context)
    assert result.notes[0].startswith(
        "int8 tables that are dequantized before rows are looked up, not after: 1;"
    )


def test_that_gives_the_same_numbers(tmp_path):
    (tmp_path / "build").mkdir()
    changed, count = dequantize_tables(table(tmp_path).path, tmp_path / "build")
    assert count == 1
    assert [n.op_type for n in onnx.load(changed).graph.node] == ["DequantizeLinear", "Gather"]
    ids = {"ids": np.arange(12).reshape(2, 6)}
    (before,), (after,) = (Session(p).run(ids) for p in (tmp_path / "m.onnx", changed))
    np.testing.assert_array_equal(before, after)


def test_rows_that_are_always_the_same_are_stored_alone(tmp_path):
    """Positions: exporters look their scales up beforehand, and leave the table."""
    nodes = [
        node("Gather", "table places", "rows"),
        node("Cast", "rows", "floats", to=FLOAT),
        node("Mul", "floats scale", "position"),
        node("Add", "x position", "y"),
    ]
    random = np.random.default_rng(0)
    stored = {
        "table": random.integers(-127, 128, (40, 16)).astype(np.int8),
        "places": np.arange(6).reshape(1, 6),
        "scale": random.random((1, 6, 1), np.float32),
    }
    x, y = ("x", FLOAT, ["N", 6, 16]), ("y", FLOAT, ["N", 6, 16])
    model = write(tmp_path / "m.onnx", nodes, stored, [x], [y])
    (tmp_path / "scratch").mkdir()
    changed, count = dequantize_tables(model.path, tmp_path / "scratch")
    assert count == 1
    zeros = {"x": np.zeros((1, 6, 16), np.float32)}
    (before,), (after,) = (Session(p).run(zeros) for p in (model.path, changed))
    np.testing.assert_array_equal(before, after)
    assert build(model, tmp_path)


def test_rows_that_are_an_output_too_are_left_alone(tmp_path):
    rows = [("rows", onnx.TensorProto.INT8, ["N", 6, 16])]
    model = table(tmp_path, outputs=rows)
    assert dequantize_tables(model.path, tmp_path) == (model.path, 0)


def test_a_table_that_is_made_floats_before_rows_are_looked_up_can_be_built(tmp_path):
    nodes = [node("DequantizeLinear", "table s z", "whole"), node("Gather", "whole ids", "y")]
    stored = {"table": np.ones((40, 16), np.int8), "s": np.float32(0.1), "z": np.int8(0)}
    x, y = ("ids", INT, ["N", 6]), ("y", FLOAT, ["N", 6, 16])
    made, _ = build(write(tmp_path / "m.onnx", nodes, stored, [x], [y]), tmp_path)
    assert made["engine"].facts.precision == "int8"


def test_rows_of_an_int8_table_without_a_scale_are_refused_with_what_to_do(tmp_path):
    with pytest.raises(OperatorError, match="Quantized constant") as raised:
        build(table(tmp_path, scaled=False), tmp_path)
    assert "exclude: ['type:Embedding']" in raised.value.hint
