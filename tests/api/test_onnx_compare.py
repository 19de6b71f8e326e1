"""Whether two ONNX files compute the same, and what they are compared on."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from recipec.api import DataSamples, OperatorError, TensorSpec
from recipec.api.data import ArraySamples
from recipec.api.data.reference import write_reference
from recipec.api.onnx import (
    Comparison,
    Session,
    compare,
    compare_outputs,
    judge,
    refuse_broken,
    sample_inputs,
)
from recipec.api.output_check import refuse_other_inputs
from recipec.testing import artifact

pytestmark = pytest.mark.frameworks
FLOAT, HALF, INT64 = TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.INT64


def save(path, nodes, inputs, outputs, stored=()):
    def values(named):
        return [helper.make_tensor_value_info(n, kind, shape) for n, kind, shape in named]

    initializers = [numpy_helper.from_array(v, n) for n, v in dict(stored).items()]
    graph = helper.make_graph(nodes, "g", values(inputs), values(outputs), initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.save(model, path)
    return path


def affine(path, factor, name="y", kind=FLOAT, batch="N"):
    """y = factor · x + 1, by way of an inner value `scaled`."""
    dtype = np.float16 if kind == HALF else np.float32
    nodes = [
        helper.make_node("Mul", ["x", "k"], ["scaled"]),
        helper.make_node("Add", ["scaled", "one"], [name]),
    ]
    shape = (batch, 4)
    stored = {"k": np.array(factor, dtype), "one": np.array(1, dtype)}
    return save(path, nodes, [("x", kind, shape)], [(name, kind, shape)], stored)


def samples_for(path, count=8, **more):
    return list(sample_inputs(path, None, count, 0, **more))


def test_the_same_file_does_not_differ(tmp_path):
    path = affine(tmp_path / "a.onnx", 2.0)
    found = compare_outputs(path, path, samples_for(path))
    assert (found.samples, found.largest, found.mean, found.agreement()) == (8, 0, 0, 1)


def test_differences_are_shares_of_the_range_before(tmp_path):
    before, after = affine(tmp_path / "a.onnx", 2.0), affine(tmp_path / "b.onnx", 3.0)
    given = [{"x": np.array([[0, 1, 2, 4]], np.float32)}]
    found = compare_outputs(before, after, given)  # 1 3 5 9 and 1 4 7 13
    assert found.largest == pytest.approx(4 / 8)
    assert found.mean == pytest.approx(np.sqrt((0 + 1 + 4 + 16) / 4) / 8)
    assert found.shortfalls.tolist() == [0]


def test_names_and_types_may_change(tmp_path):
    before = affine(tmp_path / "a.onnx", 2.0)
    after = affine(tmp_path / "b.onnx", 2.0, "z", HALF)
    found = compare_outputs(before, after, samples_for(before), renamed={"y": "z"})
    assert 0 < found.largest < 1e-3


def test_a_part_is_compared_with_the_whole(tmp_path):
    whole = affine(tmp_path / "whole.onnx", 2.0)
    node = helper.make_node("Add", ["scaled", "one"], ["y"])
    stored = {"one": np.array(1, np.float32)}
    values = [("scaled", FLOAT, ("N", 4))], [("y", FLOAT, ("N", 4))]
    tail = save(tmp_path / "tail.onnx", [node], *values, stored)
    assert compare_outputs(whole, tail, samples_for(whole)).largest == 0
    head = save(
        tmp_path / "head.onnx",
        [helper.make_node("Mul", ["x", "k"], ["scaled"])],
        [("x", FLOAT, ("N", 4))],
        [("scaled", FLOAT, ("N", 4))],
        {"k": np.array(2, np.float32)},
    )
    assert compare_outputs(whole, head, samples_for(whole)).largest == 0
    other = affine(tmp_path / "other.onnx", 2.0, "unheard")
    with pytest.raises(OperatorError, match="has no value 'unheard'"):
        compare_outputs(whole, other, samples_for(whole))


def test_class_numbers_are_compared_one_by_one():
    numbers = [(4, [np.array([1, 2, 3, 4])], [np.array([1, 2, 3, 9])])]
    found = compare(iter(numbers))
    assert (found.largest, found.differing) == (0, 0.25)
    with pytest.raises(OperatorError, match=r"25\.0% of an output that isn't floating point"):
        judge(found, 0.1, reference="those before")


def test_what_classical_models_give_is_compared_too():
    made = [np.array(["a", "b"]), [{0: 0.1, 1: 0.9}, {0: 0.4, 1: 0.6}]]
    wanted = [np.array(["a", "a"]), [{0: 0.1, 1: 0.9}, {0: 0.5, 1: 0.5}]]
    found = compare(iter([(2, made, wanted)]))
    assert found.differing == 0.5
    assert found.largest == pytest.approx(0.1 / 0.8)


def test_numbers_that_are_none_fail_unless_both_are():
    nan, good = np.array([np.nan, 1.0]), np.array([0.0, 1.0])
    with pytest.raises(OperatorError, match="1 element of the outputs is infinite or NaN where"):
        judge(compare(iter([(1, [nan], [good])])), 0.1, reference="those before")
    assert compare(iter([(1, [nan], [nan])])).largest == 0
    endless = np.array([np.inf, 1.0])
    assert compare(iter([(1, [endless], [endless])])).largest == 0


@pytest.mark.parametrize("by", ["largest", "mean"])
@pytest.mark.parametrize("wrong", [np.inf, -np.inf, np.nan])
def test_no_tolerance_excuses_infinities(by, wrong):
    ours, theirs = np.array([[wrong, 1.0, wrong]]), np.array([[0.0, 1.0, np.inf]])
    for made, wanted in ((ours, theirs), (theirs, ours)):
        found = compare(iter([(1, [made], [wanted])]))
        assert found.broken == (1 if wrong == np.inf else 2)
        with pytest.raises(OperatorError, match="of the outputs"):
            judge(found, 1e300, reference="those before", by=by)
        with pytest.raises(OperatorError, match="of the outputs"):
            refuse_broken(found, reference="those before")
    refuse_broken(compare(iter([(1, [ours], [ours])])), reference="those before")


@pytest.mark.parametrize(
    ("made", "said"),
    [([np.zeros(3)], r"shape \[3\] where \[2\]"), ([], "0 outputs where 1 are wanted")],
)
def test_outputs_of_another_form_are_refused(made, said):
    with pytest.raises(OperatorError, match=said):
        compare(iter([(1, made, [np.zeros(2)])]))


def test_a_judgement_says_what_was_found():
    found = Comparison(300, 0.02, 0.001, np.where(np.arange(300) < 3, 0.01, 0.0))
    note = judge(found, 0.05, reference="torch's", by="largest", classes=True)
    assert "0.02" in note
    assert "the same largest output on 99.0%" in note
    with pytest.raises(OperatorError) as raised:
        judge(found, 0.01, reference="torch's")
    assert raised.value.at == ("check", "tolerance")
    assert judge(found, 0.002, reference="torch's", by="mean")
    with pytest.raises(OperatorError, match=r"must be 99\.5%"):
        judge(found, 0.005, reference="torch's", by="mean", classes=True)


# What they are compared on


def test_random_samples_are_the_same_for_the_same_seed(tmp_path):
    path = affine(tmp_path / "a.onnx", 2.0)
    one, again = (samples_for(path, 40) for _ in range(2))
    assert [batch["x"].shape for batch in one] == [(32, 4), (8, 4)]
    assert all(np.array_equal(a["x"], b["x"]) for a, b in zip(one, again, strict=True))


def test_a_fixed_batch_is_given_whole(tmp_path):
    path = affine(tmp_path / "a.onnx", 2.0, batch=3)
    assert [batch["x"].shape for batch in samples_for(path, 7)] == [(3, 4)] * 3


def test_token_ids_are_rows_of_their_table_and_masks_are_ones(tmp_path):
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["e"]),
        helper.make_node("Cast", ["mask"], ["m"], to=FLOAT),
        helper.make_node("Unsqueeze", ["m", "axis"], ["w"]),
        helper.make_node("Mul", ["e", "w"], ["y"]),
    ]
    inputs = [("ids", INT64, ("N", "length")), ("mask", INT64, ("N", "length"))]
    stored = {"table": np.ones((50, 3), np.float32), "axis": np.array([2])}
    path = save(tmp_path / "t.onnx", nodes, inputs, [("y", FLOAT, ("N", "length", 3))], stored)
    [batch] = samples_for(path)
    assert batch["ids"].shape == (8, 16)
    assert 10 < batch["ids"].max() < 50
    assert batch["mask"].all()
    [batch] = samples_for(path, sizes={"length": 5})
    assert batch["ids"].shape == batch["mask"].shape == (8, 5)
    assert np.isfinite(Session(path).run(batch)[0]).all()


def loaded(count):
    return ArraySamples({"pixels": np.arange(count * 4, dtype=np.float32).reshape(count, 4)})


def data(folder, count=5, shape=("N", 4)):
    path = folder / "data.json"
    write_reference(path, "api.test_onnx_compare:loaded", {"count": count})
    spec = TensorSpec(name="pixels", shape=shape)
    return artifact(DataSamples(count=count, inputs=(spec,), classes=None), path)


def test_real_samples_come_in_a_seeded_order(tmp_path):
    path = affine(tmp_path / "a.onnx", 2.0)
    [batch] = sample_inputs(path, data(tmp_path), 3, seed=1)
    rows = np.random.default_rng(1).permutation(5)[:3]
    assert np.array_equal(batch["x"], loaded(5).inputs["pixels"][rows])


def test_a_fixed_batch_is_filled_up_with_samples(tmp_path):
    path = affine(tmp_path / "a.onnx", 2.0, batch=4)
    batches = list(sample_inputs(path, data(tmp_path), 5, seed=1))
    assert [batch["x"].shape for batch in batches] == [(4, 4)] * 2


def test_samples_of_another_shape_are_refused(tmp_path):
    path = affine(tmp_path / "a.onnx", 2.0)
    other = data(tmp_path, shape=("N", 9))
    with pytest.raises(OperatorError, match="the model wants"):
        list(sample_inputs(path, other, 3, seed=1))


def test_a_plan_refuses_samples_of_another_shape_but_not_for_a_fixed_batch():
    from recipec.api import OnnxModel

    fixed = OnnxModel(inputs=(TensorSpec(name="x", shape=(1, 4)),))
    good, bad = (DataSamples(inputs=(TensorSpec(name="p", shape=("N", n)),)) for n in (4, 5))
    refuse_other_inputs(fixed, good, ("check", "data"))
    refuse_other_inputs(fixed, None, ("check", "data"))
    with pytest.raises(OperatorError) as raised:
        refuse_other_inputs(fixed, bad, ("check", "data"))
    assert raised.value.at == ("check", "data")


def test_what_onnxruntime_refuses_is_a_clean_error(tmp_path):
    node = helper.make_node("Nonsense", ["x"], ["y"])
    values = [("x", FLOAT, ("N", 4))], [("y", FLOAT, ("N", 4))]
    path = save(tmp_path / "bad.onnx", [node], *values)
    with pytest.raises(OperatorError, match="onnxruntime can't load the model") as raised:
        Session(path)
    assert str(tmp_path) not in raised.value.message
    good = Session(affine(tmp_path / "a.onnx", 2.0))
    with pytest.raises(OperatorError, match="onnxruntime can't run the model"):
        good.run({"x": np.zeros((2, 9, 9, 9), np.float32)})


def test_a_nan_in_any_output_counts(tmp_path):
    right, wrong = np.ones((2, 3), np.float32), np.full((2, 3), np.nan, np.float32)
    found = compare([(2, [right, wrong], [right, right])])
    with pytest.raises(OperatorError):
        judge(found, 1e-4, reference="those before")
