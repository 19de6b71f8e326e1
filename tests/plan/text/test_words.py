"""Numbers, estimates and names of layers in words."""

import pytest

from recipec.api import UNKNOWN, Estimate, Expected
from recipec.plan.text.cost import cost, ranged
from recipec.plan.text.matched import matched
from recipec.plan.text.numbers import change, duration, size

LAYERS = ("conv1", "layer1.0.conv1", "layer1.0.bn1", "layer1.1.conv1", "layer2.0.conv1", "fc")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"), (0.0041, "4.1 ms"), (0.36, "0.36 s"), (4.23, "4.2 s"), (47.6, "48 s"),
        (59.6, "1 min"), (77, "1 min 15 s"), (599, "10 min"), (3590, "1 h"), (5000, "1 h 25 min"),
        (100_000, "1 d 4 h"), (2_000_000, "23 d"),
    ],
)  # fmt: skip
def test_durations_are_as_rough_as_estimates_are(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0 B"), (640, "640 B"), (999, "1 kB"), (187_236, "190 kB"), (1.24e9, "1.2 GB")],
)
def test_sizes_have_two_digits(value, text):
    assert size(value) == text


def test_changes_are_shares():
    assert (change(100, 25), change(174_970, 174_410), change(0, 5)) == ("−75%", "−0.3%", "")


def expected(low, likely, high, basis="model", runs=0):
    return Expected(low=low, likely=likely, high=high, basis=basis, runs=runs)


def test_a_range_stands_behind_what_is_likely():
    assert ranged(expected(1.5, 4.2, 20), duration) == "4.2 s (1.5–20 s)"
    assert ranged(expected(1.5, 4.2, 200), duration) == "4.2 s (1.5 s to 3 min 20 s)"
    assert ranged(expected(7, 7, 7), size, " disk") == "7 B disk"


def test_what_stands_behind_all_numbers_is_told_once():
    estimate = Estimate(
        seconds=expected(1, 2, 4, "measured", 3),
        peak_memory=expected(1e8, 2e8, 4e8, "measured", 3),
        disk=expected(9e5, 1e6, 2e6, "model"),
    )
    assert list(cost(estimate)) == [
        "2 s (1–4 s; measured in 3 runs)",
        "200 MB memory (100–400 MB; measured in 3 runs)",
        "1 MB disk (900 kB–2 MB; model)",
    ]
    alike = estimate.model_copy(update={"disk": UNKNOWN})
    assert list(cost(alike)) == ["2 s (1–4 s; measured in 3 runs)", "200 MB memory (100–400 MB)"]


def test_a_time_that_nobody_knows_is_said_to_be_unknown():
    assert list(cost(Estimate())) == ["time not known"]


def test_all_layers_below_a_name_go_by_it():
    chosen = [name for name in LAYERS if name.startswith("layer1")]
    assert matched(["conv1", *chosen], LAYERS) == "4 of 6 layers: conv1, layer1.*"


def test_part_of_the_layers_below_a_name_go_by_their_own():
    chosen = ["layer1.0.conv1", "layer1.0.bn1", "fc"]
    assert matched(chosen, LAYERS) == "3 of 6 layers: layer1.0.*, fc"
    assert matched(["layer1.0.conv1"], LAYERS) == "1 of 6 layers: layer1.0.conv1"


def test_all_layers_are_all_layers():
    assert matched(LAYERS, LAYERS) == "all 6 layers"


def test_many_names_are_counted():
    names = [f"layer{n}" for n in range(30)]
    assert matched(names[:20], names).endswith(", layer7 and 12 more")
