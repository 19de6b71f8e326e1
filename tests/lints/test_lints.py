"""Recipes with what lints say about them as comments on the very lines.

`# lint: CODE at COLUMN` stands on the line where the finding must be; nothing more may come. A file
is called after the lint that it is about: `CODE.yaml`, or `CODE-more-words.yaml`.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

from recipec.plan.lints import GENERAL

HERE = Path(__file__).parent
RECIPES = sorted(HERE.glob("*.yaml"))
EXPECTED = re.compile(r"lint: (?P<code>[a-z0-9-]+) at (?P<column>\d+)")
CODES = [lint.code for lint in GENERAL] + ["useless-silence"]


def expected(text):
    return Counter(
        (found["code"], number, int(found["column"]))
        for number, line in enumerate(text.splitlines(), 1)
        for found in EXPECTED.finditer(line)
    )


def told(plan):
    return Counter((d.code, d.span.line, d.span.column) for d in plan.diagnostics)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_lints_say_exactly_what_is_expected(path, plan_of):
    assert told(plan_of(path)) == expected(path.read_text())


@pytest.mark.parametrize("code", CODES)
def test_every_lint_has_a_recipe_that_fires_it_and_near_misses(code):
    about = {path.stem: path.read_text() for path in RECIPES if path.stem.startswith(code)}
    assert any(found == code for found, *_ in expected(about[code]))
    misses = [text for text in about.values() if text.startswith("# Near miss")]
    assert misses
    assert all(found != code for text in misses for found, *_ in expected(text))


def test_findings_come_in_the_order_of_the_recipe(plan_of):
    for path in RECIPES:
        places = [(d.span.line, d.span.column) for d in plan_of(path).diagnostics]
        assert places == sorted(places)


@pytest.mark.parametrize("name", ["gate-undecidable", "quality-not-measured-here"])
def test_what_cannot_be_measured_is_told_with_the_reason(name, plan_of):
    (said, *_) = plan_of(HERE / f"{name}.yaml").diagnostics
    assert "blocked: needs cuda" in said.message
    assert "blocked: blocked" not in said.message
