"""Prices of units, learnt from past runs."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recipec.plan.costs.pace import Pace, Price, Seen

CALL, WORK = Price(0.2, 15.0), Price(1 / 5e9, 10.0)
SECONDS = st.floats(1e-3, 1e4)
AMOUNT = st.integers(1, 10**14)


def pace(*points):
    """Learn from (work, seconds) of runs that were one call each."""
    return Pace((CALL, WORK), [Seen((1.0, work), seconds) for work, seconds in points], 0.6)


def at(learnt, work):
    return learnt.at((1.0, work))


def line(overhead, rate, amounts):
    return [(work, overhead + work / rate) for work in amounts]


def test_overhead_and_rate_are_found_in_runs_of_different_length():
    learnt = pace(*line(2.0, 1e9, [10**n for n in range(7, 13)] * 4))
    for work in (10**6, 10**10, 10**13):
        assert at(learnt, work)[0] == pytest.approx(2.0 + work / 1e9, rel=0.1)


def test_one_disturbed_run_does_not_move_the_line():
    points = line(1.0, 1e9, [n * 10**9 for n in range(1, 10)])
    calm = at(pace(*points), 6 * 10**9)[0]
    points[4] = (points[4][0], 500.0)
    assert at(pace(*points), 6 * 10**9)[0] == pytest.approx(calm, rel=0.1)


def test_after_long_runs_of_one_length_others_are_expected_to_be_about_proportional():
    learnt = pace((10**12, 1000.0), (10**12, 1020.0))
    likely, sigma = at(learnt, 10**13)
    assert 8000 < likely < 10200
    assert sigma > at(learnt, 10**12)[1]  # how much of it is overhead isn't known


def test_a_run_of_next_to_no_work_tells_the_overhead_and_leaves_the_rate_as_it_was_assumed():
    likely, sigma = at(pace((2560, 1.2), (2560, 1.3)), 9 * 10**11)
    assert likely == pytest.approx(9e11 / 5e9, rel=0.2)  # and not 1.2 s × 9e11 / 2560: ten years
    assert sigma > 1


def test_far_from_what_was_seen_the_doubt_grows():
    learnt = pace(*line(1.0, 1e9, [10**5, 10**6]))
    assert at(learnt, 10**12)[1] > at(learnt, 10**9)[1] > at(learnt, 10**6)[1]


def test_without_past_runs_it_is_what_was_assumed():
    likely, sigma = at(pace(), 0)
    assert likely == pytest.approx(0.2)
    assert sigma > 1.6


def test_more_runs_that_agree_make_the_range_narrower():
    few, many = pace(*[(10**9, 1.0)] * 2), pace(*[(10**9, 1.0)] * 20)
    assert at(many, 10**9)[1] < at(few, 10**9)[1]


@given(st.lists(st.tuples(AMOUNT, SECONDS), max_size=40), AMOUNT)
@settings(deadline=None)
def test_whatever_was_seen_the_expectation_is_a_positive_number(points, work):
    likely, sigma = at(pace(*points), work)
    assert likely > 0
    assert math.isfinite(likely)
    assert 0 < sigma < math.inf


@given(st.lists(st.tuples(AMOUNT, SECONDS), max_size=30), AMOUNT, AMOUNT)
@settings(deadline=None)
def test_more_work_is_never_expected_to_take_less_time(points, one, other):
    learnt = pace(*points)
    assert at(learnt, min(one, other))[0] <= at(learnt, max(one, other))[0] * (1 + 1e-9)
