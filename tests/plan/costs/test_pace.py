"""Seconds by multiply-adds, learnt from past runs."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipec.plan.costs.pace import pace

SECONDS = st.floats(1e-3, 1e4)
WORK = st.integers(1, 10**14)


def line(overhead, rate, amounts):
    return [(work, overhead + work / rate) for work in amounts]


def test_overhead_and_rate_are_found_in_runs_of_different_length():
    learnt = pace(line(2.0, 1e9, [10**9, 5 * 10**9, 20 * 10**9]))
    assert learnt.overhead == pytest.approx(2.0)
    assert learnt.at(10 * 10**9)[0] == pytest.approx(12.0)


def test_one_disturbed_run_does_not_move_the_line():
    points = line(1.0, 1e9, [n * 10**9 for n in range(1, 10)])
    points[4] = (points[4][0], 500.0)
    assert pace(points).at(6 * 10**9)[0] == pytest.approx(7.0, rel=0.05)


def test_after_runs_of_one_length_others_are_expected_to_be_about_proportional():
    learnt = pace([(10**10, 100.0), (10**10, 102.0)])
    likely, sigma = learnt.at(10**11)
    assert 900 < likely < 1010
    assert sigma > learnt.at(10**10)[1]  # how much of it is overhead isn't known


def test_far_from_what_was_seen_the_doubt_grows():
    learnt = pace(line(1.0, 1e9, [10**9, 10**10]))
    assert learnt.at(10**13)[1] > learnt.at(10**11)[1] > learnt.at(5 * 10**9)[1]


def test_without_work_the_median_is_expected():
    assert pace([(None, 1.0), (None, 2.0), (None, 30.0)]).at(None)[0] == 2.0


def test_more_runs_that_agree_make_the_range_narrower():
    few, many = pace([(10**9, 1.0)] * 2), pace([(10**9, 1.0)] * 20)
    assert many.at(10**9)[1] < few.at(10**9)[1]


@given(st.lists(st.tuples(WORK | st.none(), SECONDS), min_size=1, max_size=60), WORK | st.none())
def test_whatever_was_seen_the_expectation_is_a_positive_number(points, work):
    likely, sigma = pace(points).at(work)
    assert likely > 0
    assert math.isfinite(likely)
    assert 0 < sigma < math.inf


@given(st.lists(st.tuples(WORK, SECONDS), min_size=1, max_size=30), WORK, WORK)
def test_more_work_is_never_expected_to_take_less_time(points, one, other):
    learnt = pace(points)
    assert learnt.at(min(one, other))[0] <= learnt.at(max(one, other))[0] * (1 + 1e-9)
