"""`docs/comparison.md` shows what recipec says today (`python docs/comparison.py` rewrites it)."""

import importlib.util
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent.parent / "docs"
SCRIPT = DOCS / "comparison.py"
spec = importlib.util.spec_from_file_location("docs_comparison", SCRIPT)
comparison = importlib.util.module_from_spec(spec)
spec.loader.exec_module(comparison)

LIGHT = [row for row in comparison.ROWS if row.light]
HEAVY = [row for row in comparison.ROWS if not row.light and row.letter != "J"]
HINT = "run `python docs/comparison.py`"


def committed(row):
    (found,) = re.findall(rf"^## {row.letter}\. .*?(?=^## |\Z)", page(), re.MULTILINE | re.DOTALL)
    return found.rstrip()


def page():
    return comparison.PAGE.read_text(encoding="utf-8")


def without_measured(text):
    """Leave out what a machine measures: times, accuracies, sizes that depend on a version."""
    return re.sub(r"\d[\d.,]*", "0", text)


def test_there_are_thirteen_rows_and_a_test_for_each():
    assert "".join(row.letter for row in comparison.ROWS) == "ABCDEFGHIJKLM"
    assert re.findall(r"^## (\w)\.", page(), re.MULTILINE) == list("ABCDEFGHIJKLM")


@pytest.mark.parametrize("row", LIGHT, ids=lambda row: row.letter)
def test_the_page_shows_what_is_said_today(row, tmp_path):
    assert comparison.section(row, tmp_path).rstrip() == committed(row), HINT


@pytest.mark.frameworks
@pytest.mark.parametrize("row", HEAVY, ids=lambda row: row.letter)
def test_the_page_shows_what_frameworks_lead_to(row, tmp_path):
    made = comparison.section(row, tmp_path).rstrip()
    if row.steady:
        assert made == committed(row), HINT
    else:
        assert without_measured(made) == without_measured(committed(row)), HINT
