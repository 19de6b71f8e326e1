"""Renaming, retyping and reshaping of real files."""

import numpy as np
import pytest

from recipec_graphsurgeon.dynamic import Dynamic
from recipec_graphsurgeon.rename import Rename
from recipec_graphsurgeon.retype import Retype
from surgery_examples.models import (
    F,
    branching,
    convnet,
    flattening,
    model,
    node,
    perceptron,
    recurrent,
    value,
)
from surgery_examples.operating import operate, operators, refusal, run

pytestmark = pytest.mark.frameworks


def test_a_name_that_is_taken_inside_is_refused(tmp_path):
    problem = refusal(Rename, branching(), tmp_path, inputs={"x": "added"})  # in the Loop's body
    assert problem.message == "'added' is the name of another tensor of the model"
    assert problem.at == ("inputs", "x")


def test_pixels_go_in_as_they_are_stored(tmp_path):
    reading = {"dtype": "uint8", "scale": [0.1, 0.2, 0.3], "offset": [1, 2, 3]}
    made, _ = operate(Retype, convnet(), tmp_path, inputs={"x": reading})
    assert operators(made)[:3] == ["Cast", "Mul", "Add"]
    pixels = np.random.default_rng(0).integers(0, 256, (2, 3, 12, 12)).astype(np.uint8)
    scale, offset = np.array([[0.1, 0.2, 0.3], [1, 2, 3]], np.float32)[:, None, :, None, None]
    (wanted,) = run(convnet(), x=pixels * scale + offset)
    np.testing.assert_allclose(run(made, x=pixels)[0], wanted, rtol=1e-4, atol=1e-4)


def test_an_output_that_the_graph_reads_too_is_cast_outside_of_it(tmp_path):
    whole = perceptron()
    whole.graph.output.append(value("r1", F, ["N", 16]))
    made, _ = operate(Retype, whole, tmp_path, outputs={"r1": "float16"})
    assert operators(made)[-1] == "Cast"
    assert run(made, x=np.ones((1, 8, 8), np.float32))[1].dtype == np.float16


def test_a_batch_that_is_written_into_a_reshape_is_taken_from_its_input(tmp_path):
    shapes = {"x": ["N", 4, 4], "logits": ["N", 3]}
    made, result = operate(Dynamic, flattening(2), tmp_path, shapes=shapes)
    assert result.changed == {"dimensions changed": 2, "reshapes rewritten": 1}
    x = np.random.default_rng(0).standard_normal((5, 4, 4)).astype(np.float32)
    x[4] = x[0]
    logits = run(made, x=x)[0]
    np.testing.assert_array_equal(logits[0], logits[4])
    np.testing.assert_allclose(logits[:2], run(flattening(2), x=x[:2])[0], rtol=1e-6)


def test_an_output_that_follows_must_be_stated(tmp_path):
    problem = refusal(Dynamic, perceptron(1), tmp_path, shapes={"x": ["N", 8, 8]})
    assert "output logits: [1, 10] float32 is 'N', and not 1 always" in problem.message
    assert problem.hint == "state it: shapes: {logits: [N, 10]}"


def test_an_output_that_does_not_follow_must_not_be_free(tmp_path):
    whole = model([node("ReduceSum", "x", "y", keepdims=1)], [value("x", F, [2, 3])],
                  [value("y", F, [1, 1])], {})  # fmt: skip
    problem = refusal(Dynamic, whole, tmp_path, shapes={"x": ["N", 3], "y": ["N", 1]})
    assert "is 1 whatever the inputs are" in problem.message


def test_a_size_that_the_graph_needs_is_not_made_free(tmp_path):
    shapes = {"x": [1, 8, "W"]}
    problem = refusal(Dynamic, perceptron(1), tmp_path, shapes=shapes)
    assert problem.message.startswith("the model doesn't run at another size of dimension 'W'")
    assert "export the model with it free" in problem.hint


def test_a_batch_that_samples_share_can_not_be_free(tmp_path):
    """A net that mixes samples gives others in a larger batch."""
    nodes = [node("Softmax", "x", "y", axis=0)]
    whole = model(nodes, [value("x", F, [2, 3])], [value("y", F, [2, 3])], {})
    problem = refusal(Dynamic, whole, tmp_path, shapes={"x": ["N", 3], "y": ["N", 3]})
    assert problem.at == ("check", "tolerance")


def test_two_free_dimensions_of_a_recurrent_net(tmp_path):
    shapes = {"x": ["N", "T", 8], "logits": ["N", 5]}
    made, result = operate(Dynamic, recurrent(1), tmp_path, shapes=shapes)
    assert result.notes[1:] == (
        "the model also runs where N is 2 instead of 1",
        "the model also runs where T is 12 instead of 6",
    )
    assert run(made, x=np.ones((3, 2, 8), np.float32))[0].shape == (3, 5)


def test_a_quantized_model_gives_the_same_at_a_fixed_batch(tmp_path):
    """Node by node: what onnxruntime fuses depends on shapes, and would round elsewhere."""
    random = np.random.default_rng(0)
    nodes = [
        node("QuantizeLinear", "x s z", "xq"),
        node("DequantizeLinear", "xq s z", "xd"),
        node("DequantizeLinear", "w s z", "wd"),
        node("MatMul", "xd wd", "h"),
        node("QuantizeLinear", "h s z", "hq"),
        node("DequantizeLinear", "hq s z", "y"),
    ]
    stored = {
        "s": np.float32(0.05),
        "z": np.int8(0),
        "w": random.integers(-127, 128, (16, 8)).astype(np.int8),
    }
    whole = model(nodes, [value("x", F, ["N", 16])], [value("y", F, ["N", 8])], stored)
    _, result = operate(Dynamic, whole, tmp_path, dimensions={"N": 2})
    assert {m.name: m.value for m in result.metrics}["check.max_difference"] == 0
