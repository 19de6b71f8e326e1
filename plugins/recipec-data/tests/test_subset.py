"""A few labelled samples and the rest without labels: `take`, `skip`, `draw` and `labels`."""

from collections import Counter

import pytest

from recipec.api import OperatorError
from recipec_data.digits import Digits

FEW = {"split": "train", "take": 120}
REST = {"split": "train", "skip": 120, "labels": False}


def test_counts_and_classes_are_planned(plan_data):
    few, rest = plan_data(Digits, **FEW), plan_data(Digits, **REST)
    assert (few.count, few.classes) == (120, 10)
    assert (rest.count, rest.classes) == (897, None)


@pytest.mark.parametrize(
    ("params", "message", "at"),
    [
        ({"take": 1018}, "there are only 1017 samples to take", ("take",)),
        ({"skip": 1000, "take": 18}, "there are only 17 samples to take", ("take",)),
        ({"skip": 1017}, "there are only 1017 samples to skip", ("skip",)),
    ],
)
def test_more_than_there_are_is_refused(params, message, at, plan_data):
    with pytest.raises(OperatorError, match=message) as raised:
        plan_data(Digits, split="train", **params)
    assert raised.value.at == at


@pytest.mark.frameworks
@pytest.mark.parametrize("draw", [0, 1])
def test_what_is_taken_and_what_is_skipped_are_the_whole_split(draw, open_data):
    whole = open_data(Digits, split="train").take(range(1017)).inputs["x"]
    few = open_data(Digits, **FEW, draw=draw).take(range(120))
    rest = open_data(Digits, **REST, draw=draw).take(range(897))
    assert rest.labels is None
    parts = Counter(x.tobytes() for batch in (few, rest) for x in batch.inputs["x"])
    assert parts == Counter(x.tobytes() for x in whole)


@pytest.mark.frameworks
def test_a_few_labels_have_every_class_by_its_share(open_data):
    for draw in range(5):
        labels = open_data(Digits, **FEW, draw=draw).take(range(120)).labels
        assert set(Counter(labels.tolist()).values()) <= {11, 12, 13}


@pytest.mark.frameworks
def test_another_draw_takes_other_samples(open_data):
    first, other = (
        {x.tobytes() for x in open_data(Digits, **FEW, draw=d).take(range(120)).inputs["x"]}
        for d in (0, 1)
    )
    assert len(first & other) < 40  # 120 of 1017 twice: 14 are expected in both


@pytest.mark.frameworks
def test_a_smaller_part_is_the_beginning_of_a_larger_one(open_data):
    small, large = (
        {x.tobytes() for x in open_data(Digits, split="train", take=n).take(range(n)).inputs["x"]}
        for n in (20, 120)
    )
    assert small < large
