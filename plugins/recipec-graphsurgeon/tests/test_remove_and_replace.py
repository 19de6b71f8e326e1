"""Nodes that leave, and patterns that are replaced."""

import numpy as np
import pytest
from onnx import helper

from recipec_graphsurgeon.remove import Remove
from recipec_graphsurgeon.replace import Replace
from surgery_examples.models import (
    F,
    branching,
    convnet,
    model,
    node,
    perceptron,
    recurrent,
    value,
)
from surgery_examples.operating import operate, operators, refusal

pytestmark = pytest.mark.frameworks


def test_nodes_inside_bodies_leave_too(tmp_path):
    made, result = operate(
        Remove, branching(), tmp_path, nodes=["type:Identity"], exclude=["body/going"]
    )
    assert result.changed == {"nodes removed": 3}
    assert "Identity" not in operators(made)


@pytest.mark.parametrize(
    ("make", "nodes", "says"),
    [
        (branching, ["type:Identity"], "it stands between 'going' and the output 'going_on'"),
        (convnet, ["type:Flatten"], "its input is [N, 8, 1, 1] float, its output [N, 8] float"),
        (recurrent, ["lstm"], "more than its first output is used"),
    ],
)
def test_a_node_that_can_not_leave_is_named(make, nodes, says, tmp_path):
    problem = refusal(Remove, make(), tmp_path, nodes=nodes)
    assert says in problem.message
    assert problem.at == ("nodes",)
    assert problem.hint.startswith("write exclude: [")


def test_a_selector_without_a_match_is_told_with_the_nearest(tmp_path):
    problem = refusal(Remove, convnet(), tmp_path, nodes=["drpo"])
    assert problem.message == "'drpo' matches no node"
    assert problem.at == ("nodes", 0)
    assert problem.hint.startswith("did you mean 'drop'? nodes: ")


def test_a_node_that_matters_is_missed(tmp_path):
    problem = refusal(Remove, convnet(), tmp_path, nodes=["type:Relu"])
    assert problem.at == ("check", "tolerance")


def test_a_node_that_matters_may_leave_when_that_is_allowed(tmp_path):
    made, result = operate(
        Remove, convnet(), tmp_path, nodes=["type:Relu"], may_change_outputs=True
    )
    assert "Relu" not in operators(made)
    assert result.notes[-1].startswith("outputs differ from those before by 0.")
    assert {m.name: m.value for m in result.metrics}["check.max_difference"] > 0.1


GEMM = {"match": ["m = MatMul(x, w)", "y = Add(m, b)"], "by": "y = Gemm(x, w, b)"}


def hard_swish(constant=3.0):
    """x · clip(x + 3, 0, 6) / 6 after a product, as exporters write it out."""
    nodes = [
        node("MatMul", "x weight", "p", "p"),
        node("Add", "three p", "a", "act/a"),
        node("Clip", "a low high", "c", "act/c"),
        node("Mul", "c p", "m", "act/m"),
        node("Div", "m six", "y", "act/d"),
    ]
    stored = {
        "weight": np.eye(4, dtype=np.float32) * 2,
        "three": np.float32(constant),
        "low": np.float32(0),
        "high": np.float32(6),
        "six": np.array([6], np.float32),
    }
    return model(nodes, [value("x", F, ["N", 4])], [value("y", F, ["N", 4])], stored)


SWISH = {
    "match": ["a = Add(x, 3)", "c = Clip(a, 0, 6)", "m = Mul(x, c)", "y = Div(m, 6)"],
    "by": "y = HardSwish(x)",
}


def test_a_pattern_with_numbers_and_a_value_that_is_read_twice(tmp_path):
    made, result = operate(Replace, hard_swish(), tmp_path, **SWISH)
    assert operators(made) == ["MatMul", "HardSwish"]
    assert made.graph.node[1].name == "act/a"
    assert result.changed == {"patterns replaced": 1}


def test_other_numbers_do_not_match(tmp_path):
    _, result = operate(Replace, hard_swish(constant=2.5), tmp_path, **SWISH)
    assert result.changed == {"patterns replaced": 0}


def test_a_value_that_others_read_too_stays(tmp_path):
    whole = hard_swish()
    whole.graph.output.append(value("c", F, ["N", 4]))
    _, result = operate(Replace, whole, tmp_path, **SWISH)
    assert result.changed == {"patterns replaced": 0}


def test_selectors_limit_where_a_pattern_is_replaced(tmp_path):
    made, result = operate(Replace, perceptron(), tmp_path, nodes=["second*"], **GEMM)
    assert operators(made) == ["Flatten", "MatMul", "Add", "Relu", "Gemm"]
    assert result.changed == {"patterns replaced": 1}


def test_attributes_are_matched_and_given(tmp_path):
    match = ["y = Gemm(x, w, b, transB=1)"]
    made, _ = operate(
        Replace, convnet(), tmp_path, match=match, by="y = Gemm(x, w, b, transB=1, alpha=1)"
    )
    given = {a.name: helper.get_attribute_value(a) for a in made.graph.node[-1].attribute}
    assert given == {"transB": 1, "alpha": 1.0}
    other = ["y = Gemm(x, w, b, transB=0)"]
    _, result = operate(Replace, convnet(), tmp_path / "other", match=other, by="y = Gemm(x, w, b)")
    assert result.changed == {"patterns replaced": 0}


def test_patterns_inside_bodies_are_replaced_too(tmp_path):
    made, result = operate(
        Replace, branching(), tmp_path, match=["y = Mul(x, 2)"], by="y = Sum(x, x)"
    )
    assert result.changed == {"patterns replaced": 1}
    chosen = next(n for n in made.graph.node if n.op_type == "If")
    inside = {n.op_type for a in chosen.attribute for n in a.g.node}
    assert inside == {"Relu", "Identity", "Sum"}


def test_an_operator_of_ones_own_can_not_be_compared(tmp_path):
    by = 'y = acme::Linear(x, w, b, mode="fast", sizes=[1, 2])'
    made, result = operate(Replace, perceptron(), tmp_path, match=GEMM["match"], by=by)
    assert [o.domain for o in made.opset_import] == ["", "acme"]
    assert result.notes == ("outputs weren't compared: onnxruntime has no acme::Linear",)


@pytest.mark.parametrize(
    ("by", "says"),
    [
        ("y = Gem(x, w, b)", "ONNX has no operator 'Gem' in opset 18"),
        ("y = Gemm(x, w, b, gamma=1)", "Gemm has no attribute 'gamma'"),
        ("y = Gemm(x, w, b, transB=1)", "what surgery leaves is no valid model"),
        ("y = Gemm(x, w, b, alpha=2.0)", "outputs differ"),
    ],
)
def test_a_replacement_that_is_something_else_is_refused(by, says, tmp_path):
    assert says in refusal(Replace, perceptron(), tmp_path, match=GEMM["match"], by=by).message
