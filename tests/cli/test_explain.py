"""`recipec explain`."""

import json


def test_a_page_is_plain_text(recipec):
    code, out, _ = recipec("explain", "duplicate-stage")
    assert code == 0
    assert out.startswith("duplicate-stage\n\ntwo stages do the same to the same input\n")
    assert "\nWhy it matters\n" in out
    assert "\n    silence:\n      - lint: duplicate-stage\n" in out
    assert "```" not in out
    assert max(map(len, out.splitlines())) <= 80


def test_a_code_may_be_copied_with_its_brackets(recipec):
    assert recipec("explain", "[unknown-key]") == recipec("explain", "unknown-key")


def test_without_a_code_all_are_listed_within_80_columns(recipec, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = recipec("explain")
    assert code == 0
    lints, errors = out.split("\n\n")[:2]
    assert "duplicate-stage" in lints
    assert "unknown-key" in errors
    assert max(map(len, out.splitlines())) <= 80


def test_both_can_be_had_as_data(recipec):
    page = json.loads(recipec("explain", "unknown-key", "--format", "json")[1])
    assert (page["code"], page["lint"]) == ("unknown-key", False)
    assert page["text"].startswith("# unknown-key\n")
    codes = json.loads(recipec("explain", "--format", "json")[1])["codes"]
    assert {"code": page["code"], "lint": False, "summary": page["summary"]} in codes


def test_an_unknown_code_is_a_mistake_with_the_nearest_one(recipec):
    code, out, err = recipec("explain", "unknown-keys")
    assert (code, out) == (2, "")
    assert "did you mean 'unknown-key'?" in err
