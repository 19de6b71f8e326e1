"""What can be large, long or deep in a text is bounded, and told at its place.

`python tests/fuzz/hostile.py` measures how long a hundred such texts take, and how much memory.
"""

import pytest

from recipec.source import DocumentError, decode, read_bytes, read_document
from recipec.source.building import MAX_DEPTH, MAX_VALUES
from recipec.source.reading import MAX_BYTES


def refused(text):
    with pytest.raises(DocumentError) as caught:
        read_document(text, "r.yaml")
    return caught.value


def test_as_many_values_are_read_as_are_allowed():
    text = "- 1\n" * (MAX_VALUES - 1)
    assert len(read_document(text, "r.yaml").value) == MAX_VALUES - 1
    problem = refused(text + "- 1\n")
    assert (problem.code, problem.span.line) == ("too-large", MAX_VALUES)


def test_values_behind_aliases_count_each_time():
    text = "a: &a [1, 1, 1]\nb: ["
    fits = (MAX_VALUES - 6) // 4
    assert read_document(text + "*a, " * fits + "]\n", "r.yaml").value["b"][-1] == [1, 1, 1]
    assert refused(text + "*a, " * (fits + 1) + "]\n").code == "too-large"


def test_levels_behind_aliases_count():
    half = MAX_DEPTH // 2
    text = f"a: &a {'[' * half}1{']' * half}\n"
    read_document(text + f"b: {'[' * (half - 1)}*a{']' * (half - 1)}\n", "r.yaml")
    problem = refused(text + f"b: {'[' * half}*a{']' * half}\n")
    assert (problem.code, problem.span.line, problem.span.column) == ("too-deep", 2, 4 + half)


def test_an_alias_of_something_deep_is_as_deep():
    rows = ["a0: &a0 [x]"] + [f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, MAX_DEPTH)]
    assert refused("\n".join(rows)).code == "too-deep"


@pytest.mark.parametrize("number", ["9" * 101, "1." + "1" * 100, "1e" + "1" * 100, "0x" + "f" * 99])
def test_numbers_of_more_than_a_hundred_digits_are_refused(number):
    assert refused(f"a: {number}\n").code == "too-large"


def test_a_number_beyond_all_numbers_is_refused_instead_of_being_infinite():
    assert refused("a: 1e999\n").code == "too-large"
    assert read_document("a: .inf\n", "r.yaml").value == {"a": float("inf")}


def test_a_file_that_is_too_large_is_not_read_to_its_end(tmp_path):
    path = tmp_path / "r.yaml"
    with path.open("wb") as file:
        file.truncate(2**40)  # a terabyte of nothing
    data = read_bytes(path)
    assert len(data) == MAX_BYTES + 1
    with pytest.raises(DocumentError) as caught:
        decode(data, "r.yaml")
    assert caught.value.code == "too-large"


def test_an_excerpt_of_a_long_line_is_the_part_that_is_meant():
    text = "a: [" + "x, " * 100_000 + "*nobody]\n"
    first, second = refused(text).span.excerpt().splitlines()
    assert len(first) < 120
    assert first[second.index("^") :].startswith("*nobody")


def test_an_excerpt_shows_what_a_terminal_would_obey():
    span = read_document("a: 'x\u202ey'\n", "r.yaml").spans.nearest(("a",)).value
    assert "\u202e" not in span.excerpt()
    assert "x\ufffdy" in span.excerpt()


def test_carets_stand_below_letters_of_two_columns():
    span = read_document("{日本: 1}\n", "r.yaml").spans.nearest(("日本",)).value
    assert span.excerpt().splitlines()[1].endswith("|        ^")


def test_the_place_of_what_is_not_utf8_is_counted_in_letters():
    with pytest.raises(DocumentError) as caught:
        decode("\ufeffa: é".encode() + b"\xff b\n", "r.yaml")
    span = caught.value.span
    assert (span.line, span.column, span.source) == (1, 5, "a: é� b")


def test_the_place_of_a_character_that_yaml_does_not_allow_is_counted_in_letters():
    problem = refused("a: éé\nb: ü\x07\n")
    assert (problem.span.line, problem.span.column) == (2, 5)
    assert "U+0007" in problem.message


def test_half_a_character_is_refused():
    assert "U+D800" in refused("a: \ud800\n").message
