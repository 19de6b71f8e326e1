"""Every code that recipec or a built-in plugin can give has a page, and every page a code."""

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

import recipec
from explanations.codes import codes_in
from recipec.explanations import pages
from recipec.plan.lints import lints_of
from recipec.registry import discover
from recipec.testing import LintContract

ROOT = Path(recipec.__file__).parent.parent
LINTS = lints_of(discover())
PAGES = list(pages(LINTS))
CODES = {page.code for page in PAGES}


@pytest.fixture(scope="module")
def source():
    return codes_in(ROOT / "recipec", *sorted((ROOT / "plugins").glob("recipec-*")))


def test_every_code_in_the_source_can_be_told(source):
    assert source[1] == []


def test_every_code_in_the_source_has_a_page(source):
    codes, _ = source
    patterns = {code for code in codes if "*" in code}
    assert {code: codes[code] for code in codes.keys() - patterns - CODES} == {}
    assert all(any(fnmatchcase(code, pattern) for code in CODES) for pattern in patterns)


def test_every_page_is_of_a_code_in_the_source(source):
    assert {c for c in CODES if not any(fnmatchcase(c, code) for code in source[0])} == set()


def test_every_code_that_a_test_of_diagnostics_expects_has_a_page():
    texts = [path.read_text() for path in (ROOT / "tests" / "diagnostics").glob("*.yaml")]
    expected = {code for text in texts for code in re.findall(r"expect: ([a-z0-9.-]+) at", text)}
    assert expected
    assert expected <= CODES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.code)
def test_a_page_says_what_to_do_in_80_columns(page):
    lines = page.text.splitlines()
    assert lines[0] == f"# {page.code}"
    assert page.summary == lines[2]
    assert not page.summary.endswith(".")
    assert max(map(len, lines)) <= 80
    assert "\n## What to do\n" in page.text
    assert len(page.text.split()) >= 30


@pytest.mark.parametrize("page", [p for p in PAGES if p.lint], ids=lambda page: page.code)
def test_the_page_of_a_lint_is_as_those_of_plugins_must_be(page):
    contract = LintContract()
    contract.lint = LINTS[page.code]
    contract.test_its_page_says_why_it_matters_and_what_to_do()
    contract.test_its_page_shows_a_silence_that_a_recipe_can_have()
