"""`data.digits`: splits that never overlap and have equal shares of every class."""

from collections import Counter
from pathlib import Path

import pytest

from recipec.testing import DataContract
from recipec_data.digits import COUNTS, Digits


class TestDigits(DataContract):
    operator = Digits

    def good_params(self):
        return {"split": "test", "mean": 0.3, "std": 0.4}

    def example_facts(self):
        return {}

    def example_artifacts(self, folder: Path):
        return {}


def test_the_test_split_suffices_for_a_gate_of_one_point():
    assert COUNTS["test"] >= 450


def test_the_splits_are_all_samples():
    assert sum(COUNTS.values()) == 1797


@pytest.mark.frameworks
def test_the_splits_share_no_sample_and_cover_all(tmp_path):
    from recipec_data._digits import _digits, _rows

    _, labels = _digits()
    rows = [row for split in COUNTS for row in _rows(split, labels)]
    assert sorted(rows) == list(range(1797))


@pytest.mark.frameworks
def test_each_split_has_the_same_share_of_every_class(open_data):
    whole = Counter()
    by_split = {}
    for split in COUNTS:
        samples = open_data(Digits, split=split)
        by_split[split] = Counter(samples.take(range(len(samples))).labels.tolist())
        whole += by_split[split]
    for split, count in COUNTS.items():
        for digit in range(10):
            assert abs(by_split[split][digit] - whole[digit] * count / 1797) < 1.5


@pytest.mark.frameworks
def test_values_lie_between_0_and_1_and_are_those_of_scikit_learn(open_data):
    import numpy as np
    from sklearn.datasets import load_digits

    batch = open_data(Digits, split="train").take(range(1017))
    assert (batch.inputs["x"].min(), batch.inputs["x"].max()) == (0.0, 1.0)
    assert batch.inputs["x"].dtype == np.float32
    original = {
        (tuple(image.ravel() / 16), label)
        for image, label in zip(*load_digits(return_X_y=True), strict=True)
    }
    taken = {(tuple(x.ravel()), y) for x, y in zip(batch.inputs["x"], batch.labels, strict=True)}
    assert taken <= original
    assert len(taken) > 1000


@pytest.mark.frameworks
def test_mean_and_std_normalize_scaled_values(open_data):
    import numpy as np

    plain = open_data(Digits, split="validation").take([3, 1])
    normalized = open_data(Digits, split="validation", mean=0.3, std=0.4).take([3, 1])
    np.testing.assert_allclose(
        normalized.inputs["x"], (plain.inputs["x"] - 0.3) / 0.4, rtol=1e-6, atol=1e-7
    )
    assert normalized.labels.tolist() == plain.labels.tolist()
