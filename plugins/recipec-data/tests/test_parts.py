"""Samples that are held out: a number, or a share of all."""

import pytest
from pydantic import ValidationError

from recipec.api import OperatorError
from recipec_data.parts import PartParams, held_out


def part(**params):
    return PartParams.model_validate(params)


def test_a_share_is_held_out_of_whatever_there_is():
    validation = part(split="validation", holdout="10%")
    train = part(split="train", holdout="10%")
    assert (validation.part_count(1797), train.part_count(1797)) == (180, 1617)


def test_a_number_and_a_share_are_kept_as_they_are_written():
    assert part(split="train", holdout=5000).model_dump(mode="json")["holdout"] == 5000
    assert part(split="train", holdout="10%").model_dump(mode="json")["holdout"] == "10%"


@pytest.mark.parametrize(
    ("holdout", "message"),
    [
        (0.1, "0.1 could be 10% of the samples, and a number of them is whole"),
        (1.5, "1.5 is no number of samples"),
        (-1, "-1 is no number of samples"),
        (True, "true is no number of samples"),
        ("ten", "'ten' is no number of samples"),
        ("0.5", "'0.5' is no number of samples"),
        ("100%", "some must stay"),
        ("0%", "some samples must be held out"),
        (float("inf"), ".inf is no number of samples"),
    ],
)
def test_what_is_neither_is_refused(holdout, message):
    with pytest.raises(ValidationError) as raised:
        part(split="train", holdout=holdout)
    assert message in str(raised.value)


def test_a_share_of_too_few_samples_is_refused():
    with pytest.raises(OperatorError, match="0 samples can't be held out of 10") as raised:
        part(split="train", holdout="1%").part_count(10)
    assert raised.value.at == ("holdout",)


@pytest.mark.frameworks
def test_the_rows_are_those_that_are_counted():
    from recipec_data._parts import rows

    train = rows(1797, "train", "10%", None)
    validation = rows(1797, "validation", "10%", None)
    assert len(validation) == held_out("10%", 1797) == 180
    assert sorted([*train, *validation]) == list(range(1797))
