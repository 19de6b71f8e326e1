"""Cutting and folding of real files."""

import numpy as np
import pytest

from recipec_graphsurgeon.cut import Cut
from recipec_graphsurgeon.fold import Fold
from surgery_examples.models import (
    F,
    branching,
    convnet,
    encoder,
    foldable,
    model,
    node,
    value,
)
from surgery_examples.operating import operate, operators, refusal, run

pytestmark = pytest.mark.frameworks


def test_a_backbone_and_its_head_make_the_whole(tmp_path):
    body, _ = operate(Cut, convnet(), tmp_path / "a", outputs=["features"])
    head, _ = operate(Cut, convnet(), tmp_path / "b", inputs=["features"])
    x = np.random.default_rng(0).standard_normal((2, 3, 12, 12)).astype(np.float32)
    (logits,) = run(head, features=run(body, x=x)[0])
    np.testing.assert_allclose(logits, run(convnet(), x=x)[0], rtol=1e-5, atol=1e-6)


def test_an_inner_value_can_become_a_further_output(tmp_path):
    made, result = operate(Cut, encoder(), tmp_path, outputs=["embedding", "hidden"])
    assert [v.name for v in made.graph.output] == ["embedding", "hidden"]
    assert result.changed == {"nodes removed": 0, "inputs and outputs exchanged": 1}


@pytest.mark.parametrize(
    ("params", "says", "at"),
    [
        ({"outputs": ["featurs"]}, "'featurs' is no tensor of the model", ("outputs", 0)),
        ({"inputs": ["stem.bias"]}, "is stored in the model", ("inputs", 0)),
        ({"inputs": ["conv"]}, "the outputs also need 'x'", ("inputs",)),
        ({"inputs": ["x", "features"]}, "no output needs 'x'", ("inputs", 0)),
    ],
)
def test_cuts_that_leave_no_whole_part_are_refused(params, says, at, tmp_path):
    problem = refusal(Cut, convnet(), tmp_path, **params)
    assert says in problem.message
    assert problem.at == at


def test_a_misspelt_tensor_is_told_with_the_nearest(tmp_path):
    problem = refusal(Cut, convnet(), tmp_path, outputs=["featurs"])
    assert problem.hint.startswith("did you mean 'features'?")


def test_values_inside_bodies_can_not_be_outputs(tmp_path):
    problem = refusal(Cut, branching(), tmp_path, outputs=["then_r"])
    assert problem.message == "'then_r' is inside a body of an If, Loop or Scan"


def test_a_cut_leaves_the_inputs_of_bodies_alone(tmp_path):
    made, _ = operate(Cut, branching(), tmp_path, inputs=["chosen", "outer"])
    loop = next(n for n in made.graph.node if n.op_type == "Loop")
    assert len(loop.attribute[0].g.input) == 3


def test_folding_leaves_large_results_to_be_computed(tmp_path):
    made, result = operate(Fold, foldable(), tmp_path, largest="50B")
    assert "Transpose" in operators(made)
    assert result.changed == {"nodes folded": 3}


def test_an_if_with_a_constant_condition_becomes_the_branch_taken(tmp_path):
    made, result = operate(Fold, branching(constant=True), tmp_path)
    assert "If" not in operators(made)
    assert "Loop" in operators(made)
    assert result.changed["nodes folded"] > 0


def test_weights_stay_quantized(tmp_path):
    """A DequantizeLinear of a stored weight depends on constants only, and isn't folded."""
    weight = np.arange(-12, 12, dtype=np.int8).reshape(4, 6)
    nodes = [
        node("DequantizeLinear", "q scale", "w", "w"),
        node("MatMul", "x w", "y", "fc"),
    ]
    stored = {"q": weight, "scale": np.float32(0.1)}
    whole = model(nodes, [value("x", F, ["N", 4])], [value("y", F, ["N", 6])], stored)
    made, result = operate(Fold, whole, tmp_path)
    assert operators(made) == ["DequantizeLinear", "MatMul"]
    assert result.changed == {"nodes folded": 0}
