"""What surgery plans, and what it refuses before anything runs. No framework is needed."""

import pytest
from pydantic import ValidationError

from recipec.api import (
    UNKNOWN,
    DataSamples,
    Layer,
    LayerTable,
    OnnxModel,
    OperatorError,
    Tensor,
    TensorSpec,
)
from recipec.testing import BarePlanContext
from recipec_graphsurgeon.cut import Cut
from recipec_graphsurgeon.dynamic import Dynamic
from recipec_graphsurgeon.fold import Fold
from recipec_graphsurgeon.remove import Remove
from recipec_graphsurgeon.rename import Rename
from recipec_graphsurgeon.replace import Replace
from recipec_graphsurgeon.retype import Retype

X = TensorSpec(name="x", shape=("N", 3, 8, 8))
MASK = TensorSpec(name="mask", shape=("N", "L"), dtype="int64")
LOGITS = TensorSpec(name="logits", shape=("N", 10))
WEIGHT = Tensor(name="weight", shape=(10, 192), dtype="float32")
MODEL = OnnxModel(
    inputs=(X, MASK),
    outputs=(LOGITS,),
    layers=LayerTable(layers=(Layer(name="fc", type="Gemm", tensors=(WEIGHT,), positions=1),)),
    precision="fp32",
    opset=18,
    operators={"Flatten": 1, "Gemm": 1, "Identity": 2},
)


def plan(kind, tmp_path, model=MODEL, data=None, **params):
    operator = kind(kind.params.model_validate(params))
    inputs = {"model": model} if data is None else {"model": model, "check.data": data}
    return operator.plan(inputs, BarePlanContext(tmp_path))


@pytest.fixture
def refused(tmp_path):
    def refuse(kind, **params):
        with pytest.raises(OperatorError) as raised:
            plan(kind, tmp_path, **params)
        return raised.value

    return refuse


def test_rename_says_the_new_names_and_leaves_the_rest(tmp_path):
    planned = plan(Rename, tmp_path, inputs={"x": "image"}, outputs={"logits": "logits"})
    made = planned.outputs["model"]
    assert [s.name for s in made.inputs] == ["image", "mask"]
    assert (made.layers, made.operators) == (MODEL.layers, MODEL.operators)
    assert planned.changed == {"tensors renamed": 1}
    assert planned.effects == ("x becomes image",)


def test_two_names_can_be_swapped(tmp_path):
    made = plan(Rename, tmp_path, inputs={"x": "mask", "mask": "x"}).outputs["model"]
    assert [s.name for s in made.inputs] == ["mask", "x"]


def test_an_input_that_is_not_there_is_told_with_the_nearest(refused):
    problem = refused(Rename, inputs={"X": "image"})
    assert problem.message == "the model has no input 'X'"
    assert problem.at == ("inputs", "X")
    assert problem.hint == "did you mean 'x'? inputs: x, mask"


@pytest.mark.parametrize("new", ["mask", "logits"])
def test_a_name_that_is_taken_is_refused(new, refused):
    problem = refused(Rename, inputs={"x": new})
    assert problem.message == f"{new!r} is the name of another one"
    assert problem.at == ("inputs", "x")


def test_what_is_an_input_and_an_output_keeps_its_name_and_type(refused):
    model = MODEL.model_copy(update={"outputs": (LOGITS, MASK)})
    assert "at once" in refused(Rename, model=model, outputs={"mask": "m"}).message
    assert "at once" in refused(Retype, model=model, outputs={"mask": "int32"}).message


def test_retype_says_the_new_types_and_the_nodes_it_adds(tmp_path):
    inputs = {"x": {"dtype": "uint8", "scale": 0.1, "offset": 1}, "mask": "int32"}
    planned = plan(Retype, tmp_path, inputs=inputs, outputs={"logits": "float16"})
    made = planned.outputs["model"]
    assert [s.dtype for s in (*made.inputs, *made.outputs)] == ["uint8", "int32", "float16"]
    assert made.operators == {"Add": 1, "Cast": 3, "Mul": 1, **MODEL.operators}
    assert made.layers == MODEL.layers
    assert planned.changed == {"tensors retyped": 3}


def test_the_type_that_it_has_changes_nothing(tmp_path):
    planned = plan(Retype, tmp_path, inputs={"mask": "int64"})
    assert planned.changed == {"tensors retyped": 0}
    assert planned.outputs["model"] == MODEL


def test_only_a_scale_may_be_put_in(tmp_path):
    planned = plan(Retype, tmp_path, inputs={"x": {"dtype": "float32", "scale": 2}})
    assert planned.outputs["model"].operators == {**MODEL.operators, "Mul": 1}


@pytest.mark.parametrize(
    ("params", "says", "at"),
    [
        ({"inputs": {"mask": "float32"}}, "lose their fractions", ("inputs", "mask")),
        ({"outputs": {"logits": "int8"}}, "lose its fractions", ("outputs", "logits")),
        ({"outputs": {"logit": "float16"}}, "no output 'logit'", ("outputs", "logit")),
        (
            {"inputs": {"mask": {"dtype": "int8", "scale": 0.5}}},
            "whole numbers",
            ("inputs", "mask"),
        ),
        (
            {"inputs": {"x": {"dtype": "uint8", "scale": [1, 2]}}},
            "3 channels, and there are 2 values",
            ("inputs", "x", "scale"),
        ),
    ],
)
def test_types_that_would_lose_something_are_refused(params, says, at, refused):
    problem = refused(Retype, **params)
    assert says in problem.message
    assert problem.at == at


def test_dynamic_says_the_new_shapes(tmp_path):
    fixed = plan(Dynamic, tmp_path, dimensions={"N": 4})
    made = fixed.outputs["model"]
    assert [s.shape for s in made.inputs] == [(4, 3, 8, 8), (4, "L")]
    assert made.outputs[0].shape == (4, 10)
    assert made.layers == MODEL.layers
    assert fixed.changed == {"dimensions changed": 3, "reshapes rewritten": 0}


def test_how_often_weights_are_applied_is_open_when_more_than_the_batch_changes(tmp_path):
    planned = plan(Dynamic, tmp_path, dimensions={"L": 7})
    assert planned.outputs["model"].inputs[1].shape == ("N", 7)
    assert planned.outputs["model"].layers is UNKNOWN


@pytest.mark.parametrize(
    ("params", "says", "at"),
    [
        ({"dimensions": {"M": 4}}, "no input or output has a free", ("dimensions", "M")),
        ({"shapes": {"y": ["N"]}}, "no input or output 'y'", ("shapes", "y")),
        ({"shapes": {"logits": ["N"]}}, "has 2 dimensions", ("shapes", "logits")),
        ({"shapes": {"logits": ["N", 11]}}, "is 10, and can't be 11", ("shapes", "logits", 1)),
    ],
)
def test_shapes_that_cannot_be_are_refused(params, says, at, refused):
    problem = refused(Dynamic, **params)
    assert says in problem.message
    assert problem.at == at


def test_a_cut_at_inputs_and_outputs_of_the_model_is_exact(tmp_path):
    made = plan(Cut, tmp_path, inputs=["mask"], outputs=["logits"]).outputs["model"]
    assert (made.inputs, made.outputs) == ((MASK,), (LOGITS,))
    assert made.layers is UNKNOWN


def test_a_cut_inside_is_known_as_far_as_it_is_stated(tmp_path):
    inner = {"name": "features", "dtype": "float32", "shape": ["N", 64]}
    made = plan(Cut, tmp_path, inputs=[inner], outputs=["pooled"]).outputs["model"]
    assert made.inputs == (TensorSpec(name="features", shape=("N", 64)),)
    assert made.outputs is UNKNOWN


@pytest.mark.parametrize(
    ("params", "says", "at"),
    [
        ({"outputs": ["logits", "logits"]}, "there twice", ("outputs", 1)),
        ({"inputs": ["x"], "outputs": ["x"]}, "nothing between", ("outputs", 0)),
        ({"outputs": [{"name": "logits", "dtype": "int8"}]}, "and not a", ("outputs", 0, "dtype")),
        ({"inputs": [{"name": "x", "shape": ["N"]}]}, "another shape", ("inputs", 0, "shape")),
    ],
)
def test_a_boundary_that_contradicts_the_model_is_refused(params, says, at, refused):
    problem = refused(Cut, **params)
    assert says in problem.message
    assert problem.at == at


def test_a_type_of_node_that_is_not_there_is_told_with_the_nearest(refused):
    problem = refused(Remove, nodes=["*", "type:Identty"])
    assert problem.message == "'type:Identty' matches no node"
    assert problem.at == ("nodes", 1)
    assert problem.hint.startswith("did you mean 'type:Identity'?")
    assert refused(Remove, nodes=["*"], exclude=["type:Relu"]).at == ("exclude", 0)


def test_a_pattern_of_operators_that_are_not_there_is_refused(refused):
    problem = refused(Replace, match=["m = Gemm(x, w)", "y = Relu(m)"], by="y = Gemm(x, w)")
    assert problem.message == "the model has no Relu"
    assert problem.at == ("match", 1)


def test_folding_keeps_what_it_surely_keeps(tmp_path):
    made = plan(Fold, tmp_path).outputs["model"]
    assert (made.inputs, made.outputs, made.precision) == (MODEL.inputs, MODEL.outputs, "fp32")
    casting = MODEL.model_copy(update={"operators": {"Cast": 1}})
    assert plan(Fold, tmp_path, model=casting).outputs["model"].precision is UNKNOWN


def test_data_of_another_shape_is_refused(tmp_path):
    other = DataSamples(count=9, inputs=(TensorSpec(name="x", shape=("N", 1, 8, 8)),))
    with pytest.raises(OperatorError, match="the model wants") as raised:
        plan(Fold, tmp_path, data=other, check={"data": "test"})
    assert raised.value.at == ("check", "data")


def test_the_check_runs_both_models_on_each_sample(tmp_path):
    assert plan(Fold, tmp_path, check={"samples": 5}).work == 2 * 5 * 10 * 192


@pytest.mark.parametrize("kind", [Rename, Retype, Dynamic, Cut])
def test_nothing_to_do_is_refused(kind, refused):
    assert refused(kind).message.startswith("say w")


@pytest.mark.parametrize(
    ("match", "by", "says", "at"),
    [
        (["y = Gemm(x)"], "y = Gemm(z)", "which is no input", ("by",)),
        (["y = Gemm(x)"], "z = Gemm(x)", "must make 'y'", ("by",)),
        (["y = Gemm(x)"], "y = Gemm(x, 2)", "no numbers", ("by",)),
        (["m = Gemm(x)", "y = Flatten(x)"], "y = Gemm(x)", "nothing reads 'm'", ("match", 0)),
        (["y = Gemm(m)", "m = Gemm(x)"], "m = Gemm(x)", "before it's made", ("match", 0)),
        (["y = Gemm(x)", "y = Gemm(y)"], "y = Gemm(x)", "made twice", ("match", 1)),
    ],
)
def test_a_pattern_that_does_not_hang_together_is_refused(match, by, says, at, refused):
    problem = refused(Replace, match=match, by=by)
    assert says in problem.message
    assert problem.at == at


@pytest.mark.parametrize(
    ("kind", "params", "says"),
    [
        (Retype, {"inputs": {"x": "float8"}}, "float16"),
        (Retype, {"inputs": {"x": {"dtype": "uint8", "scale": 0}}}, "greater than 0"),
        (Dynamic, {"dimensions": {"N": 0}}, "greater than or equal to 1"),
        (Fold, {"largest": 5}, "unit"),
        (Remove, {"nodes": []}, "at least 1"),
        (Remove, {"nodes": ["re:("]}, "regular expression"),
        (Replace, {"match": ["MatMul"], "by": "y = Gemm(x)"}, "no line of a pattern"),
        (Replace, {"match": ["y = A(x, k=oops)"], "by": "y = B(x)"}, "is no value"),
    ],
)
def test_impossible_parameters_are_refused(kind, params, says):
    with pytest.raises(ValidationError, match=says):
        kind.params.model_validate(params)
