"""`data.mnist1d`: what the package makes, divided, without a trace in the process."""

from pathlib import Path

import pytest

from recipec.testing import DataContract
from recipec_data.mnist1d import COUNTS, Mnist1d


class TestMnist1d(DataContract):
    operator = Mnist1d

    def good_params(self):
        return {"split": "validation", "take": 100, "labels": False}

    def example_facts(self):
        return {}

    def example_artifacts(self, folder: Path):
        return {}


def test_all_5000_signals_are_used(plan_data):
    assert sum(COUNTS.values()) == 5000
    facts = plan_data(Mnist1d, split="train")
    assert (facts.count, facts.classes) == (3500, 10)
    assert str(facts.inputs[0]) == "x: [N, 1, 40] float32"


@pytest.mark.frameworks
def test_the_signals_are_those_of_the_package_bit_for_bit(open_data):
    import numpy as np
    from mnist1d.data import make_dataset

    made = make_dataset()
    train, validation, test = (
        open_data(Mnist1d, split=split).take(range(count)) for split, count in COUNTS.items()
    )
    x = np.concatenate([train.inputs["x"], validation.inputs["x"]])
    np.testing.assert_array_equal(x[:, 0], made["x"].astype(np.float32))
    np.testing.assert_array_equal(np.concatenate([train.labels, validation.labels]), made["y"])
    np.testing.assert_array_equal(test.inputs["x"][:, 0], made["x_test"].astype(np.float32))
    np.testing.assert_array_equal(test.labels, made["y_test"])
    assert x.dtype == np.float32


@pytest.mark.frameworks
def test_making_it_leaves_the_global_generators_as_they_were(open_data):
    import random

    import numpy as np

    from recipec_data._mnist1d import _dataset

    random.seed(3)
    np.random.seed(3)
    before = random.getstate(), np.random.get_state()[1].tolist()
    _dataset.cache_clear()
    open_data(Mnist1d, split="test").take([0])
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before
