"""YAML is read as YAML 1.2 core, with a position for every value, and hostile text is refused."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipec.source import DocumentError, decode, read_document


def value(text):
    return read_document(text, "r.yaml").value


def refused(text):
    with pytest.raises(DocumentError) as caught:
        read_document(text, "r.yaml")
    return caught.value


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1e-4", 1e-4),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("no", "no"),
        ("on", "on"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("~", None),
        ("", None),
        ("TRUE", True),
        (".5", 0.5),
        ("-.inf", -math.inf),
        ("'1'", "1"),
        ("!!str 1", "1"),
        ("2001-01-01", "2001-01-01"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(written, meant):
    read = value(f"a: {written}")["a"]
    assert read == meant
    assert type(read) is type(meant)


def test_every_value_and_key_has_its_place():
    spans = read_document("a:\n  - {b: 1}\n  - two\n", "r.yaml").spans
    assert str(spans.nearest(("a", 0, "b")).value) == "r.yaml:2:9"
    assert str(spans.nearest(("a", 0, "b")).key) == "r.yaml:2:6"
    assert str(spans.nearest(("a", 1)).value) == "r.yaml:3:5"


def test_a_missing_value_has_the_place_of_its_parent():
    spans = read_document("a:\n  b: {c: 1}\n", "r.yaml").spans
    assert spans.nearest(("a", "b", "x", "y")) is spans.nearest(("a", "b"))


def test_an_excerpt_shows_the_line_and_carets():
    span = read_document("model: {uses: torch.model}\n", "r").spans.nearest(("model", "uses")).value
    assert span.excerpt() == (
        "   1 | model: {uses: torch.model}\n"
        "     |               ^^^^^^^^^^^"
    )  # fmt: skip


def test_aliases_are_followed_and_keep_the_place_of_their_use():
    document = read_document("a: &x {q: 1}\nb: *x\n", "r.yaml")
    assert document.value == {"a": {"q": 1}, "b": {"q": 1}}
    assert document.spans.nearest(("b",)).value.line == 2


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", "duplicate-key", 3),
        ("a: &a\n  - *a\n", "recursive-alias", 2),
        ("a: *nobody\n", "unknown-alias", 1),
        ("a: !!python/object:os.system x\n", "tag", 1),
        ("a: !mine x\n", "tag", 1),
        ("a: 1\n---\nb: 1\n", "two-documents", 2),
        ("? [a]\n: 1\n", "key", 1),
        ("a: [1, 2\n", "yaml", 2),
        ("a: \x07\n", "yaml", 1),
        ("", "empty", 1),
        ("[" * 100, "too-deep", 1),
        ("a: " + "9" * 200, "too-large", 1),
    ],
)
def test_what_can_be_misread_is_refused_at_its_place(text, code, line):
    problem = refused(text)
    assert (problem.code, problem.span.line) == (code, line)


def test_a_tab_is_explained():
    assert "tab" in refused("a:\n\t- b\n").hint


def test_an_expansion_bomb_is_refused_quickly():
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    assert refused("\n".join(levels)).code == "too-large"


@pytest.mark.parametrize("data", [b"\xff\xfea\x00", b"a: \xe9\n"])
def test_other_encodings_are_explained(data):
    with pytest.raises(DocumentError) as caught:
        decode(data, "r.yaml")
    assert caught.value.code == "encoding"
    assert "UTF-8" in caught.value.hint


def test_a_byte_order_mark_is_no_part_of_the_text():
    assert decode(b"\xef\xbb\xbfa: 1", "r.yaml") == "a: 1"


@given(st.text())
def test_any_text_is_read_or_refused_with_a_place(text):
    try:
        read_document(text, "r.yaml")
    except DocumentError as problem:
        assert problem.span.line >= 1  # noqa: PT017 (either outcome is fine)


SCALARS = st.none() | st.booleans() | st.integers() | st.text(st.characters(categories=["L", "N"]))
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=4)
    ),
    max_leaves=15,
)


@given(VALUES)
def test_json_is_read_as_json(data):
    assert value(json.dumps(data, ensure_ascii=False)) == data
