"""Which names moved within a list."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipec.plan.diff.moves import moved

NAMES = st.lists(st.sampled_from("abcdefgh"), unique=True)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("abc", "abc", ""),
        ("abcd", "bcda", "a"),
        ("abcd", "dabc", "d"),
        ("abc", "xaybzc", ""),
        ("axbyc", "abc", ""),
        ("", "abc", ""),
    ],
)
def test_the_fewest_names_moved(before, after, expected):
    assert moved(before, after) == set(expected)


@given(NAMES, NAMES)
def test_the_others_kept_their_order(before, after):
    gone = moved(before, after)
    stayed = [name for name in before if name in after and name not in gone]
    assert stayed == [name for name in after if name in before and name not in gone]


@given(NAMES, NAMES)
def test_no_fewer_names_would_explain_it(before, after):
    common = [name for name in before if name in after]
    longest = max(
        len(kept)
        for length in range(len(common) + 1)
        for kept in combinations(common, length)
        if [name for name in after if name in kept] == list(kept)
    )
    assert len(moved(before, after)) == len(common) - longest


@given(NAMES, NAMES)
def test_the_way_back_moves_the_same_names(before, after):
    assert moved(before, after) == moved(after, before)


def test_ten_thousand_names_turned_round_take_no_time():
    names = list(map(str, range(10_000)))
    assert len(moved(names, names[::-1])) == 9_999
