"""`data.random`: the same values at every call, drawn when they are read."""

from pathlib import Path

import pytest

from recipec.api import OperatorError
from recipec.testing import DataContract
from recipec_data.random_normal import RandomNormal

IMAGE = {"x": {"shape": ["N", 3, 8, 8]}}


class TestRandom(DataContract):
    operator = RandomNormal

    def good_params(self):
        tokens = {"shape": ["N", 12], "dtype": "int64", "below": 30}
        return {"input": {**IMAGE, "tokens": tokens}, "count": 5, "classes": 3}

    def example_facts(self):
        return {}

    def example_artifacts(self, folder: Path):
        return {}


@pytest.mark.parametrize("shape", [["N"], ["N", 3, 8]])
def test_facts_are_the_parameters(shape, plan_data):
    facts = plan_data(RandomNormal, input={"x": {"shape": shape}}, count=7)
    assert (facts.count, facts.inputs[0].shape, facts.classes) == (7, tuple(shape), None)


@pytest.mark.parametrize("shape", [[3, 8], ["N", "N"], ["N", 0]])
def test_a_shape_begins_with_the_samples(shape, plan_data):
    with pytest.raises(OperatorError) as raised:
        plan_data(RandomNormal, input={"x": {"shape": shape}})
    assert raised.value.at == ("input", "x", "shape")


@pytest.mark.frameworks
def test_values_do_not_depend_on_the_order_or_the_batch(open_data):
    import numpy as np

    one = open_data(RandomNormal, input=IMAGE, count=6, classes=4)
    together = one.take(range(6))
    np.testing.assert_array_equal(one.take([4, 1]).inputs["x"], together.inputs["x"][[4, 1]])
    assert one.take([4, 1]).labels.tolist() == together.labels[[4, 1]].tolist()


@pytest.mark.frameworks
def test_values_are_standard_normal_and_follow_the_seed(open_data):
    first = open_data(RandomNormal, input=IMAGE, count=200).take(range(200)).inputs["x"]
    other = open_data(RandomNormal, input=IMAGE, count=200, seed=1).take(range(200)).inputs["x"]
    assert abs(first.mean()) < 0.02
    assert abs(first.std() - 1) < 0.02
    assert (first != other).mean() > 0.99


@pytest.mark.frameworks
def test_whole_numbers_stay_below_their_bound(open_data):
    tokens = {"ids": {"shape": ["N", 50], "dtype": "int64", "below": 5}}
    values = open_data(RandomNormal, input=tokens, count=20).take(range(20)).inputs["ids"]
    assert set(values.ravel().tolist()) == {0, 1, 2, 3, 4}


@pytest.mark.frameworks
def test_scalars_can_be_samples(open_data):
    assert open_data(RandomNormal, input={"x": {"shape": ["N"]}}).take([1, 2]).inputs[
        "x"
    ].shape == (2,)
