"""How counts are rounded when they are scaled: as in the paper's code."""

import pytest

from recipec_arch.rounding import deeper, scaled, sharper, wider


@pytest.mark.parametrize(
    ("channels", "factor", "wanted"),
    [
        # round_filters of Tan and Le's code, at B2's 1.1 and B4's 1.4
        *((32, 1.1, 32), (24, 1.1, 24), (40, 1.1, 48), (80, 1.1, 88), (112, 1.1, 120)),
        *((192, 1.1, 208), (320, 1.1, 352), (1280, 1.1, 1408)),
        *((32, 1.4, 48), (16, 1.4, 24), (24, 1.4, 32), (40, 1.4, 56), (1280, 1.4, 1792)),
        (12, 0.9, 16),  # 8 would be less than 90 % of 10.8
        (3, 0.1, 8),
        (13, 1, 13),
    ],
)
def test_channels_are_multiples_and_no_less_than_nine_tenths(channels, factor, wanted):
    assert wider(channels, factor, 8) == wanted


@pytest.mark.parametrize(
    ("layers", "factor", "multiple", "plus", "wanted"),
    [
        (4, 1.2, 1, 0, 5),
        (5, 1.2, 1, 0, 6),  # exactly 6, whatever binary fractions say
        (3, 0.5, 1, 0, 2),
        (1, 0.1, 1, 0, 1),
        (14, 1.2, 6, 2, 20),  # 16.8, and a ResNet of this kind has 6n + 2 layers
        (20, 0.7, 6, 2, 14),
        (13, 1, 6, 2, 13),
    ],
)
def test_layers_are_rounded_up(layers, factor, multiple, plus, wanted):
    assert deeper(layers, factor, multiple, plus) == wanted


def test_sides_are_the_nearest_multiples():
    assert sharper(224, 1.15, 1) == 258
    assert sharper(224, 1.15, 32) == 256
    assert sharper(8, 0.1, 8) == 8
    assert sharper(9, 1, 8) == 9


def test_floats_are_multipliers_integers_counts_and_lists_have_either():
    assert scaled(1.5, 2, lambda n: n + 1) == 3
    assert scaled([3, 3.0, [4]], 2, lambda n: n + 1) == [4, 6.0, [5]]
    for wrong in (True, "wide", None):
        with pytest.raises(TypeError, match="neither a number nor a list"):
            scaled(wrong, 2, int)
