"""What is no YAML is explained to people who write recipes, not to those who write parsers."""

import pytest

from recipec.source import DocumentError, read_document


@pytest.mark.parametrize(
    ("text", "line", "column", "said", "hint"),
    [
        ("a: {b: ${vars.x}}\n", 1, 9, "look-up", '"${vars.NAME}"'),
        ("a: [1, ${vars.x}]\n", 1, 9, "look-up", '"${vars.NAME}"'),
        ("a: [1, 2\nb: 3\n", 2, 2, "comma or ] is missing", "which begins in line 1, column 4"),
        ("- {id: a uses: b}\n", 1, 14, "comma or } is missing", "which begins in column 3"),
        ("a: b: c\n", 1, 5, "no place for one", "quotes"),
        ("a: 1\n b: 2\n", 2, 3, "no place for one", "one column"),
        ("a:\n  b: 1\n c: 2\n", 3, 2, "doesn't belong to the mapping", "one column"),
        ("- a\nb: 1\n", 2, 1, "doesn't belong to the list", "one column"),
        ("a: 'x' y\n", 1, 8, "doesn't belong to the mapping", "nothing follows a quoted text"),
        ("a: 'x\nb: 1\n", 1, 4, "quote that begins here is not closed", None),
        ("a: @x\n", 1, 4, "can't begin with @", "quotes"),
        ("a:\n\t- b\n", 2, 1, "tab", "spaces"),
        ("a: 1\n\tb: 2\n", 2, 1, "tab", "spaces"),
        ("a: - b\n", 1, 4, "list can't begin here", "a line of its own"),
        ("a: {x: 1, , y: 2}\n", 1, 11, "a value is missing before this ,", None),
        ("a: ]\n", 1, 4, "a value is missing before this ]", None),
        ("a: [1,\n", 2, 1, "a bracket is still open", None),
        ("{a: 1}}\n", 1, 7, "after the end of the document", None),
        ("<<: *x\n", 1, 1, "no merge keys", "alias"),
        ("a: 1\nword\n", 2, 1, "no `key: value`", "a colon and a space"),
        ("a: \x00\n", 1, 4, "U+0000 is not allowed", "UTF-16"),
    ],
)
def test_a_mistake_is_explained_at_its_place(text, line, column, said, hint):
    with pytest.raises(DocumentError) as caught:
        read_document(text, "r.yaml")
    problem = caught.value
    assert (problem.span.line, problem.span.column) == (line, column)
    assert said in problem.message
    assert hint is None or hint in problem.hint


def test_a_quoted_merge_key_is_a_key():
    assert read_document("'<<': 1\n", "r.yaml").value == {"<<": 1}


def test_a_tagged_key_is_refused():
    with pytest.raises(DocumentError) as caught:
        read_document("!mine a: 1\n", "r.yaml")
    assert caught.value.code == "tag"
