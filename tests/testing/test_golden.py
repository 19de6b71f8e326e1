"""Golden files are compared, and written only on demand."""

import pytest

from recipec.testing import assert_golden


@pytest.fixture
def golden(tmp_path, monkeypatch):
    monkeypatch.delenv("RECIPEC_UPDATE_GOLDEN", raising=False)
    path = tmp_path / "plan.txt"
    path.write_bytes(b"one\ntwo\n")
    return path


def test_the_same_text_passes(golden):
    assert_golden("one\ntwo\n", golden)


def test_another_text_fails_and_shows_the_difference(golden):
    with pytest.raises(AssertionError) as raised:
        assert_golden("one\n2\n", golden)
    assert "-two\n+2\n" in str(raised.value)
    assert golden.read_text() == "one\ntwo\n"


@pytest.mark.parametrize("text", ["one\r\ntwo\r\n", "one\ntwo"])
def test_line_ends_are_part_of_the_text(text, golden):
    with pytest.raises(AssertionError, match=r"plan\.txt differs"):
        assert_golden(text, golden)


def test_a_file_that_is_not_there_fails_and_says_how_to_write_it(golden):
    with pytest.raises(AssertionError, match="RECIPEC_UPDATE_GOLDEN=1"):
        assert_golden("one\n", golden.with_name("other.txt"))


def test_on_demand_the_file_is_written_byte_for_byte(golden, monkeypatch):
    monkeypatch.setenv("RECIPEC_UPDATE_GOLDEN", "1")
    new = golden.parent / "folder" / "new.txt"
    assert_golden("ein\r\nzwö\n", new)
    assert new.read_bytes() == "ein\r\nzwö\n".encode()
    monkeypatch.delenv("RECIPEC_UPDATE_GOLDEN")
    assert_golden("ein\r\nzwö\n", new)
