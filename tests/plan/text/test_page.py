"""Lines of a page: as many pieces as fit, and nothing lost."""

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipec.plan.text import Page

WORDS = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=30)
PIECES = st.lists(st.lists(WORDS, min_size=1, max_size=8).map(" ".join), max_size=8)


def flow(pieces, width=40, **options):
    return list(Page(width).flow("  head  ", pieces, **options))


def test_pieces_share_a_line_as_long_as_they_fit():
    assert flow(["one", "two"]) == ["  head  one  two"]


def test_a_piece_that_does_not_fit_moves_as_a_whole():
    first, second = "a" * 20, "b c " * 5 + "d"
    assert flow([first, second]) == [f"  head  {first}", f"        {second}"]


def test_a_piece_longer_than_a_line_is_broken_between_words():
    assert flow(["word " * 10 + "end"], hang=4) == [
        "  head  word word word word word word",
        "    word word word word end",
    ]


def test_a_comma_stays_behind_what_it_is_behind():
    lines = flow(["a" * 20, "b" * 20, "c" * 20], gap=", ")
    assert lines == [f"  head  {'a' * 20},", f"        {'b' * 20},", f"        {'c' * 20}"]


def test_marks_are_styled_and_take_no_room():
    (line,) = Page(40, colour=True).flow("  + head  ", ["x" * 29], marks=(("+", "run"),))
    assert click.unstyle(line) == "  + head  " + "x" * 29
    assert line.startswith("  \x1b[")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("bell \x07 and escape \x1b[31m", r"bell \x07 and escape \x1b[31m"),
        ("two\nlines", "two lines"),
        ("left \u202e txet", r"left \u202e txet"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text, shown):
    assert Page().clean(text) == shown


def test_what_the_encoding_lacks_is_written_in_its_own_way():
    assert Page(encoding="ascii").clean("8×8 → 4×4, größer") == r"8x8 -> 4x4, gr\xf6\xdfer"
    assert Page(encoding="latin-1").clean("größer → 2") == "größer -> 2"
    assert Page(encoding="no-such-encoding").clean("a → b") == "a -> b"


@given(PIECES, st.integers(40, 120), st.sampled_from(["  ", ", ", "; "]))
def test_no_line_is_wider_than_the_page_but_for_one_word(pieces, width, gap):
    for line in Page(width).flow("  head  ", pieces, gap=gap):
        assert len(line) <= width or len(line.split()) == 1 or line.split()[0] == "head"


@given(PIECES, st.integers(40, 120))
def test_every_word_is_there_in_its_order(pieces, width):
    page = Page(width)
    words = " ".join(page.flow("  head  ", pieces)).split()
    assert words == ["head", *(word for piece in pieces for word in page.clean(piece).split())]
