"""What stays of a file through surgery, and what is refused because it couldn't."""

import onnx
import pytest
from onnx import TensorProto, helper

from recipec.testing import AloneRunContext
from recipec_graphsurgeon.fold import Fold
from recipec_graphsurgeon.rename import Rename
from recipec_graphsurgeon.retype import Retype
from surgery_examples.models import (
    F,
    convnet,
    model,
    node,
    perceptron,
    save,
    value,
)
from surgery_examples.operating import operate, refusal

pytestmark = pytest.mark.frameworks


def test_metadata_and_words_stay(tmp_path):
    made, _ = operate(Rename, convnet(), tmp_path, outputs={"logits": "scores"})
    assert {p.key: p.value for p in made.metadata_props} == {"licence": "CC0"}
    assert (made.doc_string, made.producer_name) == ("a small net", "tests")
    assert made.graph.input[0].doc_string == "an image"
    assert made.graph.node[0].metadata_props[0].value == "hand"


def test_functions_of_the_model_stay(tmp_path):
    whole = perceptron()
    body = [helper.make_node("Relu", ["a"], ["b"])]
    opset = helper.make_opsetid("", 18)
    whole.functions.append(helper.make_function("own", "Act", ["a"], ["b"], body, [opset]))
    whole.opset_import.append(helper.make_opsetid("own", 1))
    whole.graph.node[3].op_type, whole.graph.node[3].domain = "Act", "own"
    made, _ = operate(Retype, whole, tmp_path, inputs={"x": "float16"})
    assert [f.name for f in made.functions] == ["Act"]


def test_unnamed_nodes_are_called_as_in_the_layer_table(tmp_path):
    bare = convnet()
    for each in bare.graph.node:
        each.name = ""
    made, _ = operate(Retype, bare, tmp_path, inputs={"x": "float16"})
    assert [n.name for n in made.graph.node][:3] == ["x/Cast", "Conv_0", "Relu_1"]


def test_external_weights_come_into_the_file(tmp_path):
    (tmp_path / "in").mkdir()
    given = save(tmp_path / "in", convnet())
    whole = onnx.load(given.path)
    onnx.save(
        whole,
        given.path,
        save_as_external_data=True,
        location="weights.bin",
        size_threshold=0,
        convert_attribute=False,
    )
    operator = Rename(Rename.params(outputs={"logits": "scores"}))
    context = AloneRunContext(tmp_path / "out", operator)
    operator.run({"model": given}, context)
    made = onnx.load(context.path_for("model"), load_external_data=False)
    assert all(not t.external_data for t in made.graph.initializer)


def test_an_old_file_whose_weights_are_inputs_too(tmp_path):
    old = perceptron()
    old.ir_version = 3
    old.graph.input.extend(value(t.name, t.data_type, list(t.dims)) for t in old.graph.initializer)
    made, _ = operate(Rename, old, tmp_path, inputs={"x": "image"})
    assert [v.name for v in made.graph.input] == ["image"]
    assert made.ir_version == 4


def test_an_attribute_that_would_get_lost_is_refused(tmp_path):
    whole = perceptron()
    kind = helper.make_tensor_type_proto(TensorProto.FLOAT, [1])
    optional = helper.make_node("Optional", [], ["maybe"], name="maybe", type=kind)
    whole.graph.node.insert(0, optional)
    problem = refusal(Fold, whole, tmp_path)
    assert problem.message == (
        "node 'maybe' (Optional) has an attribute 'type' of type type_proto, which "
        "onnx-graphsurgeon would lose"
    )


def test_a_model_that_gives_a_sequence_is_refused(tmp_path):
    nodes = [node("SequenceConstruct", "x", "s")]
    output = helper.make_tensor_sequence_value_info("s", F, ["N", 4])
    whole = model(nodes, [value("x", F, ["N", 4])], [output], {})
    assert "'s' is a sequence" in refusal(Rename, whole, tmp_path, inputs={"x": "y"}).message
