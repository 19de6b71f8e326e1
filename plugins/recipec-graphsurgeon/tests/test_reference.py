"""The same surgery with onnx-graphsurgeon's own calls gives the same graph, to the byte."""

import numpy as np
import onnx
import onnx_graphsurgeon as gs
import pytest
from onnx import TensorProto

from recipec_graphsurgeon.cut import Cut
from recipec_graphsurgeon.dynamic import Dynamic
from recipec_graphsurgeon.fold import Fold
from recipec_graphsurgeon.remove import Remove
from recipec_graphsurgeon.rename import Rename
from recipec_graphsurgeon.replace import Replace
from recipec_graphsurgeon.retype import Retype
from surgery_examples.models import branching, convnet, encoder, foldable, perceptron, recurrent
from surgery_examples.operating import assert_same_graph, graph_of, operate

pytestmark = pytest.mark.frameworks


@pytest.mark.parametrize("make", [convnet, perceptron, recurrent])
def test_rename(make, tmp_path):
    made, _ = operate(Rename, make(), tmp_path, inputs={"x": "image"}, outputs={"logits": "scores"})
    graph = graph_of(make())
    graph.inputs[0].name, graph.outputs[0].name = "image", "scores"
    assert_same_graph(made, graph)


def test_retype(tmp_path):
    made, _ = operate(Retype, encoder(), tmp_path, inputs={"ids": "int32"})
    graph = graph_of(encoder())
    old = graph.inputs[0]
    old.name = "ids/int64"
    graph.inputs[0] = gs.Variable("ids", np.int32, old.shape)
    cast = gs.Node("Cast", "ids/Cast", {"to": TensorProto.INT64}, [graph.inputs[0]], [old])
    graph.nodes.insert(0, cast)
    assert_same_graph(made, graph)


def test_retype_of_an_output(tmp_path):
    made, _ = operate(Retype, recurrent(), tmp_path, outputs={"logits": "float16"})
    graph = graph_of(recurrent())
    old = graph.outputs[0]
    old.name = "logits/cast"
    graph.outputs[0] = gs.Variable("logits", np.float16, old.shape)
    attributes = {"to": TensorProto.FLOAT16}
    graph.nodes.append(gs.Node("Cast", "logits/Cast", attributes, [old], graph.outputs))
    assert_same_graph(made, graph)


@pytest.mark.parametrize("make", [convnet, perceptron])
def test_dynamic(make, tmp_path):
    rest = make(1).graph.input[0].type.tensor_type.shape.dim[1:]
    shapes = {"x": ["N", *(d.dim_value for d in rest)], "logits": ["N", 10]}
    made, _ = operate(Dynamic, make(1), tmp_path, shapes=shapes)
    graph = graph_of(make(1))
    graph.inputs[0].shape[0] = graph.outputs[0].shape[0] = "N"
    assert_same_graph(made, graph)


def test_fold(tmp_path):
    made, result = operate(Fold, foldable(), tmp_path)
    inferred = onnx.shape_inference.infer_shapes(foldable(), data_prop=True)
    graph = graph_of(inferred)
    half = next(node for node in graph.nodes if node.name == "half")
    half.attrs = {"value": gs.Constant("half", np.asarray(0.5, np.float32))}
    graph.fold_constants().cleanup()
    assert_same_graph(made, graph)
    assert [node.op_type for node in made.graph.node] == ["MatMul", "Div"]
    assert result.changed == {"nodes folded": 5}


def test_cut(tmp_path):
    made, _ = operate(Cut, encoder(), tmp_path, inputs=["e", "mask"], outputs=["hidden"])
    graph = graph_of(onnx.shape_inference.infer_shapes(encoder(), data_prop=True))
    tensors = graph.tensors()
    graph.inputs, graph.outputs = [tensors["e"], tensors["mask"]], [tensors["hidden"]]
    graph.cleanup()
    assert_same_graph(made, graph)


def test_remove(tmp_path):
    made, result = operate(Remove, convnet(), tmp_path, nodes=["type:Identity", "drop"])
    graph = graph_of(convnet())
    for node in [node for node in graph.nodes if node.op in ("Identity", "Dropout")]:
        for reader in list(node.outputs[0].outputs):
            for index, tensor in enumerate(reader.inputs):
                if tensor is node.outputs[0]:
                    reader.inputs[index] = node.inputs[0]
    graph.cleanup()
    assert_same_graph(made, graph)
    assert result.changed == {"nodes removed": 2}


def test_replace(tmp_path):
    made, result = operate(
        Replace,
        perceptron(),
        tmp_path,
        match=["m = MatMul(x, w)", "y = Add(m, b)"],
        by="y = Gemm(x, w, b)",
    )
    graph = graph_of(perceptron())
    for name in ("first", "second"):
        product = next(node for node in graph.nodes if node.name == name)
        total = product.o()
        bias = next(t for t in total.inputs if isinstance(t, gs.Constant))
        new = gs.Node("Gemm", name, {}, [*product.inputs, bias], list(total.outputs))
        graph.nodes[next(i for i, n in enumerate(graph.nodes) if n is total)] = new
        total.outputs.clear()
        product.outputs.clear()
    graph.cleanup()
    assert_same_graph(made, graph)
    assert result.changed == {"patterns replaced": 2}


def test_rename_reaches_into_bodies(tmp_path):
    """What the bodies of an If and a Loop read from outside keeps its name or follows."""
    made, _ = operate(Rename, branching(), tmp_path, inputs={"x": "data"}, outputs={"y": "z"})
    graph = graph_of(branching())
    graph.inputs[0].name, graph.outputs[0].name = "data", "z"
    assert_same_graph(made, graph)
