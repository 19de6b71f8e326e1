"""The words for what differs, which reasons, comparisons and refusals share."""

import pytest

from recipec.plan.changes import Change, changes, differences, notation

FILE = {"file": "a" * 64}
CODE = {"code": "mine.py:f", "digest": "a" * 64}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"amount": 0.3}, {"amount": 0.4}, ["amount 0.3 → 0.4"]),
        ({}, {"round_to": 8}, ["round_to nothing → 8"]),
        ({"flip": 1}, {"flip": True}, ["flip 1 → true"]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, ["a.c 2 → 3"]),
        ({"a": {"b": 1}}, {"a": 5}, ["a {b: 1} → 5"]),
        ({"a": [1, 2]}, {"a": [1, 3]}, ["a [1, 2] → [1, 3]"]),
        ({"x": FILE}, {"x": {"file": "b" * 64}}, ["x: its content changed"]),
        ({"x": CODE}, {"x": {**CODE, "digest": "b" * 64}}, ["x: its content changed"]),
        ({"x": CODE}, {"x": {**CODE, "code": "mine.py:g"}}, ["x mine.py:f → mine.py:g"]),
        ({"x": None}, {"x": FILE}, ["x nothing → sha256:aaaaaaaaaaaa"]),
        # A parameter may be called `file`, and hold a name.
        ({"a": {"file": "one.json"}}, {"a": {"file": "two.json"}}, ["a.file one.json → two.json"]),
        ({"b": 1, "a": 1}, {"b": 2, "a": 2}, ["a 1 → 2", "b 1 → 2"]),
    ],
)
def test_what_differs_is_said_in_one_line_each(before, after, said):
    assert list(map(str, changes(before, after))) == said


def test_what_is_equal_is_not_said():
    assert list(changes({"a": [1, {"b": 2}], "c": 1}, {"a": [1, {"b": 2}], "c": 1.0})) == []


def test_parameters_and_packages_of_a_key_go_by_their_own_names():
    old = {"params": {"amount": 1}, "packages": {"torch": "2.9"}, "seed": 0, "inputs": {"x": "1"}}
    new = {"params": {"amount": 2}, "packages": {"torch": None}, "seed": 5, "inputs": {"x": "2"}}
    assert differences(old, new) == ["x", "torch 2.9 → nothing", "amount 1 → 2", "seed 0 → 5"]


def test_a_change_has_a_way_back():
    change = Change(name="a", before=1, after=2)
    assert (change.reverse.before, change.reverse.after) == (2, 1)


def test_long_values_are_cut():
    assert notation(list(range(100)), 20) == "[0, 1, 2, 3, 4, 5, …"
