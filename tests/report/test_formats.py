"""How numbers are written."""

from __future__ import annotations

import math

import pytest

from recipec.api import Interval, Metric
from recipec.report import formats


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.000123456, "0.000123"),
        (0.0996, "0.0996"),
        (0.9996, "1.00"),
        (1.005, "1.00"),
        (9.996, "10.0"),
        (-2.5, "−2.50"),
        (1234567, "1,230,000"),
        (math.inf, "∞"),
        (math.nan, "not a number"),
    ],
)
def test_significant_digits(value: float, text: str) -> None:
    assert formats.significant(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.00 kB"),
        (64_310, "64.3 kB"),
        (999_999, "1.00 MB"),
        (22_900_000, "22.9 MB"),
        (5e15, "5,000 TB"),
    ],
)
def test_sizes_are_decimal(value: float, text: str) -> None:
    assert plain(formats.size(value)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (172_218, "172,218"),
        (999_999, "999,999"),
        (1_631_872, "1.63 M"),
        (4.12e9, "4.12 G"),
        (0.5, "0.500"),
    ],
)
def test_counts_are_exact_below_a_million(value: float, text: str) -> None:
    assert plain(formats.count(value)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 s"),
        (3.2e-9, "3.20 ns"),
        (0.000311, "311 µs"),
        (0.0009999, "1.00 ms"),
        (0.9999, "1.00 s"),
        (1.4, "1.40 s"),
        (59.6, "1 min 0 s"),
        (133.4, "2 min 13 s"),
        (3599.7, "1 h 0 min"),
        (90_000, "25 h 0 min"),
    ],
)
def test_durations(value: float, text: str) -> None:
    assert plain(formats.duration(value)) == text


@pytest.mark.parametrize(
    ("difference", "text"),
    [(0.0022, "+0.22 pp"), (-0.0037, "−0.37 pp"), (0.00001, "±0.00 pp"), (-0.00001, "±0.00 pp")],
)
def test_differences_of_shares_are_percentage_points(difference: float, text: str) -> None:
    assert plain(formats.points(difference)) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.9926, "share", "99.26 %"),
        (64_310, "bytes", "64.3 kB"),
        (0.0012, "s", "1.20 ms"),
        (3214.6, "1/s", "3,210 /s"),
        (12.5e6, "1/s", "12.5 M /s"),
        (12, "1", "12"),
    ],
)
def test_each_unit(value: float, unit: str, text: str) -> None:
    assert plain(formats.quantity(value, unit)) == text


def test_an_interval_states_its_samples_and_a_level_that_is_not_the_usual() -> None:
    metric = Metric(
        name="accuracy",
        value=0.99,
        unit="share",
        interval=Interval(low=0.98, high=0.995, level=0.9),
        count=1540,
    )
    assert plain(formats.interval(metric) or "") == "98.00–99.50 %, 90 %, n = 1,540"
    assert formats.interval(Metric(name="macs", value=1, unit="1")) is None


@pytest.mark.parametrize(
    ("started", "text"),
    [
        ("2026-11-24T05:12:55.123+01:00", "2026-11-24 04:12:55 UTC"),
        ("2026-11-24T04:12:55Z", "2026-11-24 04:12:55 UTC"),
        ("2026-11-24T04:12:55", "2026-11-24 04:12:55"),
        ("yesterday", "yesterday"),
    ],
)
def test_moments_are_in_utc(started: str, text: str) -> None:
    assert formats.moment(started) == text
