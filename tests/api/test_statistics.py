from math import isfinite, log
from random import Random
from statistics import fmean, median

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from recipec.api.statistics import (
    _tango_score,
    bootstrap_ratio_interval,
    percentile,
    percentile_interval,
    tango_interval,
    wilson_interval,
)


@st.composite
def discordant_pairs(draw):
    n = draw(st.integers(1, 2000))
    b = draw(st.integers(0, n))
    return b, draw(st.integers(0, n - b)), n


def test_percentile_interpolates_as_numpy_does():
    # numpy.percentile([15, 20, 35, 40, 50], [0, 5, 30, 40, 95, 100])
    values = [35, 15, 50, 40, 20]
    found = [percentile(values, p) for p in (0, 5, 30, 40, 95, 100)]
    assert found == pytest.approx([15, 16, 23, 29, 48, 50])
    assert percentile([7.0], 95) == 7.0


@given(st.lists(st.floats(-1e9, 1e9), min_size=1), st.floats(0, 100), st.floats(0, 100))
def test_percentiles_rise_with_their_percentage(values, one, other):
    low, high = sorted((one, other))
    slack = 1e-6
    assert min(values) <= percentile(values, low) + slack
    assert percentile(values, low) <= percentile(values, high) + slack
    assert percentile(values, high) <= max(values) + slack


@pytest.mark.parametrize("percent", [-1, 101])
def test_percentile_refuses_what_has_none(percent):
    with pytest.raises(ValueError, match="percentile"):
        percentile([1.0], percent)
    with pytest.raises(ValueError, match="0 values"):
        percentile([], 50)


def test_interval_of_the_median_is_that_of_the_textbook():
    # Hahn & Meeker, "Statistical Intervals" (1991), table A.15a: n = 100, 95 %: ranks 40 and 61
    interval = percentile_interval(list(range(1, 101)), 50)
    assert interval is not None
    assert (interval.low, interval.high) == (40, 61)


def test_interval_of_the_median_needs_six_values():
    # P(all n on one side) = 2 · 0.5ⁿ: 0.0625 for 5, 0.03125 for 6
    assert percentile_interval([1, 2, 3, 4, 5], 50) is None
    interval = percentile_interval([1, 2, 3, 4, 5, 6], 50)
    assert interval is not None
    assert (interval.low, interval.high) == (1, 6)


def test_interval_of_a_percentile_holds_it_as_often_as_it_says():
    random = Random(0)
    held = 0
    for _ in range(1000):
        interval = percentile_interval([random.expovariate(1) for _ in range(200)], 75)
        assert interval is not None
        held += interval.low <= 1.3863 <= interval.high  # −ln(0.25)
    assert 940 <= held <= 985


def test_interval_of_a_percentile_takes_many_values():
    interval = percentile_interval(list(range(10_000)), 50)
    assert interval is not None
    # normal approximation: 5000 ± 1.96·√10000/2
    assert interval.low == pytest.approx(4901, abs=2)
    assert interval.high == pytest.approx(5098, abs=2)
    with pytest.raises(ValueError, match="100th percentile"):
        percentile_interval([1, 2], 100)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        # R package contingencytables (Fagerland, Lydersen & Laake), tests/testthat/test-ch2.R
        (13, 16, 0.5699, 0.9341),
        # Newcombe, Statistics in Medicine 17 (1998) 857, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval_is_the_published_one(successes, n, low, high):
    interval = wilson_interval(successes, n)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)


def test_wilson_interval_ends_where_shares_do():
    assert wilson_interval(0, 360).low == 0.0
    assert wilson_interval(360, 360).high == 1.0
    with pytest.raises(ValueError, match="5 successes of 4"):
        wilson_interval(5, 4)


@pytest.mark.parametrize(
    ("b", "c", "n", "level", "low", "high"),
    [
        # R package contingencytables, tests/testthat/test-ch8.R, Cavo et al. (2012): 59 6 / 16 80
        (6, 16, 161, 0.95, -0.1240, -0.0054),
        # R package PropCIs 0.3-0, scoreci.mp(25, 28, 618, 0.90); its difference is (c − b)/n
        (28, 25, 618, 0.90, -0.0148, 0.0247),
    ],
)
def test_tango_interval_is_the_published_one(b, c, n, level, low, high):
    interval = tango_interval(b, c, n, level)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)
    assert interval.level == level


def test_a_gate_of_one_point_needs_more_than_380_samples():
    # without discordant pairs the ends are ± z²/(n + z²), with z = 1.959964
    assert tango_interval(0, 0, 360).high == pytest.approx(0.010558, abs=1e-6)
    assert tango_interval(0, 0, 380).high > 0.01
    assert tango_interval(0, 0, 381).high < 0.01
    assert tango_interval(0, 0, 450).high == pytest.approx(0.008464, abs=1e-6)


@given(discordant_pairs())
def test_tango_interval_holds_the_difference_and_mirrors(pairs):
    b, c, n = pairs
    one, mirrored = tango_interval(b, c, n), tango_interval(c, b, n)
    assert -1 <= one.low <= (b - c) / n <= one.high <= 1
    assert (one.low, one.high) == pytest.approx((-mirrored.high, -mirrored.low), abs=1e-9)


@given(discordant_pairs(), st.floats(-0.99, 0.99))
def test_tango_score_takes_the_most_likely_table_with_that_difference(pairs, difference):
    b, c, n = pairs
    spread = difference * (1 - difference)
    distance = b - c - n * difference
    score = _tango_score(b, c, n, difference)
    assume(abs(distance) > 1e-3 and isfinite(score))

    def likelihood(q):  # q = P(right by the second only), from 0 or −difference to (1 − d)/2
        cells = ((b, q + difference), (c, q), (n - b - c, 1 - 2 * q - difference))
        return sum(count * log(max(share, 1e-12)) for count, share in cells)

    taken = ((distance / score) ** 2 / n - spread) / 2
    low, high = max(0.0, -difference), (1 - difference) / 2
    best = max(likelihood(low + (high - low) * i / 1000) for i in range(1001))
    assert low - 1e-6 <= taken <= high + 1e-6
    assert likelihood(taken) >= best - 1e-4 * n


def test_tango_interval_refuses_impossible_counts():
    with pytest.raises(ValueError, match="discordant pairs of 5"):
        tango_interval(3, 3, 5)


def test_bootstrap_of_a_constant_ratio_is_that_ratio():
    rounds = [1.0, 5.0, 2.0, 9.0, 3.0]
    interval = bootstrap_ratio_interval([3 * r for r in rounds], rounds, fmean, seed=0)
    # pairing: the rounds differ ninefold, their ratio doesn't
    assert (interval.low, interval.high) == pytest.approx((3.0, 3.0))


def test_bootstrap_is_that_of_scipy():
    # scipy 1.17.1: stats.bootstrap((a, b), lambda a, b: a.mean()/b.mean(), paired=True,
    #   vectorized=False, method="percentile", n_resamples=100_000, rng=0): 1.1388 to 1.2461
    random = Random(7)
    b = [random.gauss(10, 1) for _ in range(60)]
    a = [1.2 * value + random.gauss(0, 2) for value in b]
    interval = bootstrap_ratio_interval(a, b, fmean, seed=1, resamples=20_000)
    assert (interval.low, interval.high) == pytest.approx((1.1388, 1.2461), abs=2e-3)


def test_bootstrap_gives_the_same_interval_for_the_same_seed_only():
    random = Random(0)
    a, b = ([random.random() for _ in range(30)] for _ in range(2))
    first = bootstrap_ratio_interval(a, b, median, seed=5)
    assert bootstrap_ratio_interval(a, b, median, seed=5) == first
    assert bootstrap_ratio_interval(a, b, median, seed=6) != first


def test_bootstrap_wants_paired_rounds():
    with pytest.raises(ValueError, match="2 rounds against 1"):
        bootstrap_ratio_interval([1.0, 2.0], [1.0], fmean, seed=0)
