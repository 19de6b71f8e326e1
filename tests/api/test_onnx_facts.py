"""The facts of an ONNX file, from the file alone."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from recipec.api import UNKNOWN, OperatorError, TensorSpec
from recipec.api.onnx import onnx_facts

pytestmark = pytest.mark.frameworks


def value(name, shape, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def floats(name, *shape, fill=1.0):
    return numpy_helper.from_array(np.full(shape, fill, np.float32), name)


def save(path, nodes, initializers, x=("N", 3, 8, 8), y=None, opset=18, also_inputs=()):
    graph = helper.make_graph(
        nodes,
        "g",
        [value("x", x), *also_inputs],
        [value("y", y)],
        initializer=initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 8
    onnx.save(model, path)
    return path


def node(kind, inputs, output="y", name="", **attributes):
    return helper.make_node(kind, inputs, [output], name=name, **attributes)


def rows(facts):
    return [
        (
            row.name,
            row.type,
            row.positions,
            {t.name: (t.shape, t.dtype, t.role) for t in row.tensors},
        )
        for row in facts.layers.layers
    ]


P, Q = "parameter", "quantization"


def test_opset_operators_inputs_and_outputs(tmp_path):
    nodes = [node("Relu", ["x"], "a"), node("Relu", ["a"], "b"), node("Flatten", ["b"])]
    facts = onnx_facts(save(tmp_path / "m.onnx", nodes, [], y=("N", None), opset=13))
    assert facts.opset == 13
    assert facts.operators == {"Flatten": 1, "Relu": 2}
    assert facts.inputs == (TensorSpec(name="x", shape=("N", 3, 8, 8)),)
    assert facts.outputs == (TensorSpec(name="y", shape=("N", "?")),)
    assert (facts.precision, facts.quantization, facts.layers.layers) == ("fp32", None, ())


def test_a_convolution_and_its_positions(tmp_path):
    nodes = [node("Conv", ["x", "w", "b"], name="first", strides=[2, 2], pads=[1, 1, 1, 1])]
    stored = [floats("w", 6, 3, 3, 3), floats("b", 6, fill=0.0)]
    facts = onnx_facts(save(tmp_path / "m.onnx", nodes, stored))
    assert rows(facts) == [
        (
            "first",
            "Conv",
            16,
            {"weight": ((6, 3, 3, 3), "float32", P), "bias": ((6,), "float32", P)},
        )
    ]
    assert [t.zeros for t in facts.layers.layers[0].tensors] == [0, 6]
    assert facts.layers.macs == 16 * 6 * 27


def test_a_grouped_transposed_convolution(tmp_path):
    nodes = [node("ConvTranspose", ["x", "w"], name="up", group=3, strides=[2, 2])]
    facts = onnx_facts(save(tmp_path / "m.onnx", nodes, [floats("w", 3, 4, 2, 2)]))
    assert rows(facts)[0][2] == 64  # once for each input position
    assert facts.layers.macs == 64 * 3 * 4 * 4


def test_a_fixed_batch_counts_one_sample(tmp_path):
    nodes = [node("Conv", ["x", "w"], name="c")]
    facts = onnx_facts(save(tmp_path / "m.onnx", nodes, [floats("w", 6, 3, 1, 1)], (5, 3, 8, 8)))
    assert rows(facts)[0][2] == 64


def test_a_gemm_with_a_transposed_input(tmp_path):
    nodes = [node("Gemm", ["x", "w"], name="fc", transA=1)]
    facts = onnx_facts(save(tmp_path / "m.onnx", nodes, [floats("w", 3, 10)], (3, 1), (1, 10)))
    assert facts.layers.macs == 3 * 10


@pytest.mark.parametrize("first", [True, False], ids=["weight · x", "x · weight"])
def test_a_matmul_takes_the_vector_that_is_added(tmp_path, first):
    given, shape = (["w", "x"], (4, 5)) if first else (["x", "w"], (5, 4))
    bias = floats("b", 7 if first else 4)
    nodes = [node("MatMul", given, "m", name="fc"), node("Add", ["m", "b"], name="add")]
    x = ("N", 5, 7) if first else ("N", 7, 5)
    facts = onnx_facts(save(tmp_path / "m.onnx", nodes, [floats("w", *shape), bias], x))
    assert rows(facts) == [
        (
            "fc",
            "MatMul",
            7,
            {"weight": (shape, "float32", P), "bias": ((bias.dims[0],), "float32", P)},
        )
    ]


def test_a_vector_added_to_something_that_others_read_is_a_row_of_its_own(tmp_path):
    nodes = [
        node("MatMul", ["x", "w"], "m", name="fc"),
        node("Add", ["m", "model.shift"], "a", name="add"),
        node("Mul", ["a", "m"]),
    ]
    stored = [floats("w", 5, 4), floats("model.shift", 4)]
    facts = onnx_facts(save(tmp_path / "m.onnx", nodes, stored, ("N", 5)))
    assert [(name, kind, list(tensors)) for name, kind, _, tensors in rows(facts)] == [
        ("fc", "MatMul", ["weight"]),
        ("add", "Add", ["shift"]),
    ]


def test_a_weight_that_two_nodes_use_is_one_row(tmp_path):
    nodes = [node("MatMul", ["x", "w"], "m", name="fc"), node("MatMul", ["m", "w"], name="again")]
    facts = onnx_facts(save(tmp_path / "m.onnx", nodes, [floats("w", 5, 5)], ("N", 5)))
    assert [(name, positions) for name, _, positions, _ in rows(facts)] == [("fc", 2)]


def test_a_node_without_a_name_is_called_by_its_kind_and_place(tmp_path):
    nodes = [node("Relu", ["x"], "a"), node("PRelu", ["a", "s"])]
    facts = onnx_facts(save(tmp_path / "m.onnx", nodes, [floats("s", 3, 1, 1)]))
    assert rows(facts) == [("PRelu_1", "PRelu", 0, {"weight": ((3, 1, 1), "float32", P)})]


def test_a_normalization_has_statistics(tmp_path):
    nodes = [node("BatchNormalization", ["x", "w", "b", "m", "v"], name="bn")]
    facts = onnx_facts(
        save(tmp_path / "m.onnx", nodes, [floats(n, 3) for n in ("w", "b", "m", "v")])
    )
    assert {name: role for name, (_, _, role) in rows(facts)[0][3].items()} == {
        "weight": P,
        "bias": P,
        "running_mean": "buffer",
        "running_var": "buffer",
    }


def test_an_old_file_lists_its_weights_among_the_inputs(tmp_path):
    nodes = [node("Conv", ["x", "w"], name="c")]
    path = save(
        tmp_path / "m.onnx",
        nodes,
        [floats("w", 6, 3, 1, 1)],
        opset=8,
        also_inputs=[value("w", (6, 3, 1, 1))],
    )
    facts = onnx_facts(path)
    assert [spec.name for spec in facts.inputs] == ["x"]
    assert rows(facts)[0][:3] == ("c", "Conv", 64)


def test_weights_may_stand_in_constant_nodes_and_in_another_file(tmp_path):
    constant = node("Constant", [], "w", value=floats("", 6, 3, 16, 16))
    model = onnx.load(
        save(
            tmp_path / "m.onnx",
            [constant, node("Conv", ["x", "w"], "a", name="c"), node("Add", ["a", "b"])],
            [floats("b", 6, 100, 100)],
            ("N", 3, 115, 115),
        )
    )
    onnx.save(
        model,
        tmp_path / "m.onnx",
        save_as_external_data=True,
        location="m.data",
        size_threshold=1,
        convert_attribute=True,
    )
    assert (tmp_path / "m.onnx").stat().st_size < 1000
    facts = onnx_facts(tmp_path / "m.onnx")
    assert [(name, positions) for name, _, positions, _ in rows(facts)] == [
        ("c", 10_000),
        ("Add_2", 0),
    ]
    assert facts.layers.zeros == 0


def test_what_a_loop_or_a_branch_holds_leaves_the_table_unknown(tmp_path):
    branch = [
        helper.make_graph([node("Relu", ["x"], name)], name, [], [value(name, None)])
        for name in ("then", "otherwise")
    ]
    stored = [numpy_helper.from_array(np.array(True), "c")]
    nodes = [node("If", ["c"], then_branch=branch[0], else_branch=branch[1])]
    facts = onnx_facts(save(tmp_path / "m.onnx", nodes, stored))
    assert facts.layers is UNKNOWN
    assert facts.operators == {"If": 1, "Relu": 2}


def test_a_shape_that_cannot_be_told_leaves_the_table_unknown_but_not_the_precision(tmp_path):
    nodes = [
        node("NonZero", ["x"], "i"),
        node("Cast", ["i"], "f", to=TensorProto.FLOAT),
        node("MatMul", ["w", "f"], name="fc"),
    ]
    facts = onnx_facts(save(tmp_path / "m.onnx", nodes, [floats("w", 2, 4)]))
    assert facts.layers is UNKNOWN
    assert facts.precision == "fp32"


def test_an_embedding_is_a_row_and_a_pick_from_a_shape_is_not(tmp_path):
    nodes = [
        node("Cast", ["x"], "i", to=TensorProto.INT64),
        node("Gather", ["table", "i"], "e", name="embed"),
        node("Shape", ["e"], "s"),
        node("Gather", ["s", "zero"], "n"),
        node("Gather", ["sizes", "i"], "k"),
        node("Add", ["n", "k"]),
    ]
    stored = [
        floats("table", 50, 4),
        numpy_helper.from_array(np.array(0), "zero"),
        numpy_helper.from_array(np.arange(50), "sizes"),
    ]
    facts = onnx_facts(save(tmp_path / "m.onnx", nodes, stored, ("N",)))
    assert rows(facts) == [("embed", "Gather", 0, {"weight": ((50, 4), "float32", P)})]


@pytest.mark.parametrize("content", [b"", b"not an ONNX file" * 9, b"\x08"])
def test_another_file_is_an_operator_error(tmp_path, content):
    (tmp_path / "m.onnx").write_bytes(content)
    with pytest.raises(OperatorError, match=r"m\.onnx"):
        onnx_facts(tmp_path / "m.onnx")


# Quantized files of others


@pytest.fixture(scope="module")
def float_file(tmp_path_factory):
    random = np.random.default_rng(0)

    def noise(name, *shape):
        return numpy_helper.from_array(random.standard_normal(shape).astype(np.float32), name)

    nodes = [
        node("Conv", ["x", "w", "b"], "c", name="conv"),
        node("Relu", ["c"], "r", name="relu"),
        node("Flatten", ["r"], "f", name="flat"),
        node("MatMul", ["f", "v"], name="fc"),
    ]
    stored = [noise("w", 6, 3, 3, 3), noise("b", 6), noise("v", 216, 10)]
    return save(tmp_path_factory.mktemp("float") / "float.onnx", nodes, stored, y=("N", 10))


def quantized(float_file, path, per_channel, format_name, activation, weight):
    quantization = pytest.importorskip("onnxruntime.quantization")

    class Reader(quantization.CalibrationDataReader):
        left = 2

        def get_next(self):
            self.left -= 1
            x = np.random.default_rng(1).standard_normal((1, 3, 8, 8)).astype(np.float32)
            return {"x": x} if self.left >= 0 else None

    quantization.quantize_static(
        float_file,
        path,
        Reader(),
        quant_format=quantization.QuantFormat[format_name],
        per_channel=per_channel,
        activation_type=quantization.QuantType[activation],
        weight_type=quantization.QuantType[weight],
        extra_options={"ActivationSymmetric": activation == "QInt8"},
    )
    return onnx_facts(path)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    ("per_channel", "activation", "weight", "texts", "target"),
    [
        (
            True,
            "QUInt8",
            "QInt8",
            ("int8 symmetric per channel", "uint8 affine per tensor"),
            "cpu",
        ),
        (
            False,
            "QInt8",
            "QInt8",
            ("int8 symmetric per tensor", "int8 symmetric per tensor"),
            "tensorrt",
        ),
    ],
)
def test_a_file_that_onnxruntime_quantized(
    float_file, tmp_path, caplog, per_channel, activation, weight, texts, target
):
    facts = quantized(float_file, tmp_path / "q.onnx", per_channel, "QDQ", activation, weight)
    assert (facts.quantization.weights, facts.quantization.activations) == texts
    assert facts.quantization.target == target
    assert facts.precision == "int8"
    conv, fc = facts.layers.layers
    assert (conv.positions, fc.positions) == (36, 1)
    held = {t.name: (t.dtype, t.role) for t in conv.tensors}
    assert held["weight"] == ("int8", P)
    assert held["bias"] == ("int32", P)
    assert held["weight_scale"] == ("float32", Q)
    float_facts = onnx_facts(float_file)
    assert facts.layers.macs == float_facts.layers.macs
    assert facts.layers.bytes < 0.5 * float_facts.layers.bytes


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_file_with_integer_operators(float_file, tmp_path):
    facts = quantized(float_file, tmp_path / "q.onnx", False, "QOperator", "QUInt8", "QInt8")
    conv, fc = facts.layers.layers
    assert (conv.type, fc.type) == ("QLinearConv", "QLinearMatMul")
    assert (conv.positions, fc.positions) == (36, 1)
    assert conv.weight.dtype == "int8"
    assert facts.layers.macs == onnx_facts(float_file).layers.macs


# What isn't stored in so many words


def test_a_weight_that_is_one_number_and_a_shape_counts_as_stored(tmp_path):
    one = numpy_helper.from_array(np.array([0.5], np.float32))
    nodes = [
        node("Constant", [], "shape", value_ints=[6, 3, 3, 3]),
        node("ConstantOfShape", ["shape"], "w", value=one),
        node("Conv", ["x", "w"], name="c"),
    ]
    facts = onnx_facts(save(tmp_path / "m.onnx", nodes, []))
    assert rows(facts) == [("c", "Conv", 36, {"weight": ((6, 3, 3, 3), "float32", P)})]
    assert facts.layers.zeros == 0


def test_a_weight_has_the_shape_in_which_it_is_used(tmp_path):
    nodes = [
        node("Transpose", ["w"], "turned", perm=[1, 0]),
        node("MatMul", ["x", "turned"], name="fc"),
    ]
    facts = onnx_facts(save(tmp_path / "m.onnx", nodes, [floats("w", 10, 8)], ("N", 8)))
    assert rows(facts) == [("fc", "MatMul", 1, {"weight": ((8, 10), "float32", P)})]


def batch_norm(given, output="y", mark=""):
    stored = [f"{part}{mark}" for part in ("scale", "shift", "mean", "var")]
    return node("BatchNormalization", [given, *stored], output, name=f"norm{mark}")


def vectors(channels, mark=""):
    return [floats(f"{part}{mark}", channels) for part in ("scale", "shift", "mean", "var")]


def folds(facts):
    return {row.name: row.folds_into for row in facts.layers.layers if "norm" in row.name}


def test_a_normalization_behind_a_convolution_can_fold_into_it(tmp_path):
    nodes = [node("Conv", ["x", "w"], "a", name="conv"), batch_norm("a")]
    stored = [floats("w", 6, 3, 3, 3), *vectors(6)]
    assert folds(onnx_facts(save(tmp_path / "m.onnx", nodes, stored))) == {"norm": "conv"}


def test_a_normalization_stays_where_others_read_the_convolution_or_its_weight(tmp_path):
    stored = [floats("w", 6, 3, 3, 3), *vectors(6)]
    conv = node("Conv", ["x", "w"], "a", name="conv")
    read = [conv, batch_norm("a", "b"), node("Add", ["a", "b"])]
    assert folds(onnx_facts(save(tmp_path / "a.onnx", read, stored))) == {"norm": None}
    again = node("Conv", ["x", "w"], "c", name="again")
    shared = [conv, again, batch_norm("a", "b"), node("Add", ["c", "b"])]
    assert folds(onnx_facts(save(tmp_path / "b.onnx", shared, stored))) == {"norm": None}


def test_two_normalizations_with_one_stored_weight_are_two_rows(tmp_path):
    nodes = [
        batch_norm("x", "a"),
        node("BatchNormalization", ["a", "scale", "shift2", "mean2", "var2"], name="norm2"),
    ]
    stored = [*vectors(3), *[t for t in vectors(3, "2") if t.name != "scale2"]]
    facts = onnx_facts(save(tmp_path / "m.onnx", nodes, stored))
    assert [row.name for row in facts.layers.layers] == ["norm", "norm2"]
    assert [t.name for t in facts.layers.layers[1].tensors] == [
        "bias",
        "running_mean",
        "running_var",
    ]
    assert facts.layers.bytes == 4 * 3 * 7  # the shared one is counted once


def test_a_layer_behind_shapes_that_are_computed_still_counts(tmp_path):
    """What a recurrent layer gives has a shape that inference can't tell."""
    nodes = [
        node("Shape", ["x"], "s"),
        node("Reshape", ["x", "s"], "r"),
        node("Gemm", ["r", "w"], name="fc"),
    ]
    stored = [floats("w", 8, 10)]
    facts = onnx_facts(save(tmp_path / "m.onnx", nodes, stored, ("N", 8), ("N", 10)))
    assert facts.layers.macs == 80


def test_a_model_that_is_quantized_at_run_time_says_so(float_file, tmp_path):
    quantization = pytest.importorskip("onnxruntime.quantization")
    quantization.quantize_dynamic(float_file, tmp_path / "q.onnx", per_channel=True)
    facts = onnx_facts(tmp_path / "q.onnx")
    fc = facts.layers.layers[1]
    assert (fc.type, fc.positions) == ("MatMulInteger", 1)
    assert {t.name: (t.shape, t.dtype, t.role) for t in fc.tensors} == {
        "weight": ((216, 10), "int8", P),
        "weight_zero_point": ((10,), "int8", Q),
        "weight_scale": ((10,), "float32", Q),
    }
    assert facts.quantization.activations == "uint8 affine per tensor, at run time"
    assert facts.quantization.weights == "int8 symmetric"


def test_outputs_that_are_no_tensors_are_named_for_what_they_are(tmp_path):
    path = save(tmp_path / "m.onnx", [node("SequenceConstruct", ["x"])], [])
    model = onnx.load(path)
    del model.graph.output[:]
    model.graph.output.append(helper.make_tensor_sequence_value_info("y", TensorProto.FLOAT, None))
    onnx.save(model, path)
    assert onnx_facts(path).outputs == (TensorSpec(name="y", shape=(), dtype="sequence"),)


def test_a_node_that_shape_inference_refuses_is_an_operator_error(tmp_path):
    path = save(tmp_path / "m.onnx", [node("Upsample", ["x"])], [], opset=9)
    with pytest.raises(OperatorError, match="shape inference refuses"):
        onnx_facts(path)
