"""Broken recipes, each with the errors expected of it as comments on the very lines.

`# expect: CODE at COLUMN` stands on the line where the error must be; nothing more may come.
Recipes use the toy plugin (`tests/toys`).
"""

import re
from collections import Counter
from pathlib import Path

import pytest

import recipec
from recipec.plan import Forgetful, Machine, Planning, make_plan

HERE = Path(__file__).parent
BROKEN = sorted(HERE.glob("*.yaml"))
EXPECTED = re.compile(r"expect: (?P<code>[a-z-]+) at (?P<column>\d+)")


def expected(text):
    return Counter(
        (found["code"], number, int(found["column"]))
        for number, line in enumerate(text.splitlines(), 1)
        for found in EXPECTED.finditer(line)
    )


def told(path, catalog):
    try:
        recipe = recipec.load_recipe(path)
        make_plan(Planning(recipe, catalog, Machine(catalog.capabilities), Forgetful()))
    except recipec.RecipecError as problem:
        return Counter((d.code, d.span.line, d.span.column) for d in problem.diagnostics)
    return Counter()


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_errors_are_exactly_those_expected(path, toys):
    assert expected(path.read_text()) == told(path, toys) != Counter()
