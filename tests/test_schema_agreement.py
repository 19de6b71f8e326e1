"""The schema accepts what recipec accepts, and refuses what it refuses, in the same line.

Where it can't, `schema_exceptions.py` says why: for each broken recipe that the schema accepts.
"""

import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from recipec.recipe import parse_recipe
from recipec.registry import discover
from recipec.schema import recipe_schema
from recipec.source import DocumentError, decode, read_document
from schema_exceptions import BROKEN, OTHER_LINE, YAML
from toys.bench import TOY_RECIPE
from toys.techniques import TECHNIQUES

ROOT = Path(__file__).parent.parent
RECIPES = sorted((ROOT / "recipes").glob("*.yaml"))
LINTS = sorted((ROOT / "tests" / "lints").glob("*.yaml"))
DIAGNOSTICS = sorted((ROOT / "tests" / "diagnostics").glob("*.yaml"))


@pytest.fixture(scope="module")
def of_toys(toys):
    return Draft202012Validator(recipe_schema(toys))


@pytest.fixture(scope="module")
def of_techniques():
    return Draft202012Validator(recipe_schema(discover([TECHNIQUES])))


@pytest.fixture(scope="module")
def installed():
    return Draft202012Validator(recipe_schema(discover()))


def refused_lines(validator, document):
    """The lines of all errors that have no errors below them."""
    waiting, lines = list(validator.iter_errors(document.value)), set()
    while waiting:
        error = waiting.pop()
        if error.context:
            waiting += error.context
        else:
            path = tuple(error.absolute_path)
            keys = [(*path, key) for key in unknown_keys(error)] or [path]
            for place in map(document.spans.nearest, keys):
                lines |= {(place.key or place.value).line, place.value.line}
    return lines


def unknown_keys(error):
    if error.validator != "additionalProperties":
        return []
    known = error.schema.get("patternProperties", {})
    free = [key for key in error.instance if key not in error.schema["properties"]]
    return [key for key in free if not any(re.search(pattern, key) for pattern in known)]


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_the_recipes_of_the_repository_are_valid(path, installed):
    document = read_document(path.read_text(), path.name)
    assert refused_lines(installed, document) == set()


def test_good_recipes_of_the_tests_are_valid(of_toys):
    for text in (TOY_RECIPE, *GOOD):
        document = read_document(text, "recipe.yaml")
        parse_recipe(text.encode(), "recipe.yaml", ROOT)
        assert refused_lines(of_toys, document) == set(), text


@pytest.mark.parametrize("path", LINTS, ids=lambda path: path.stem)
def test_recipes_that_lints_warn_of_are_valid(path, of_techniques):
    document = read_document(path.read_text(), path.name)
    assert refused_lines(of_techniques, document) == set()


@pytest.mark.parametrize("path", DIAGNOSTICS, ids=lambda path: path.stem)
def test_a_broken_recipe_is_refused_in_the_line_where_recipec_refuses_it(path, of_toys):
    text = path.read_text(encoding="utf-8", errors="replace")
    told = {n for n, line in enumerate(text.splitlines(), 1) if re.search("expect: [a-z]", line)}
    try:
        document = read_document(decode(path.read_bytes(), path.name), path.name)
    except DocumentError:
        assert BROKEN.get(path.stem) == YAML
        return
    refused = refused_lines(of_toys, document)
    if path.stem in BROKEN:
        assert refused == set(), "schema and recipec agree: take the exception out"
    elif path.stem in OTHER_LINE:
        assert refused
        assert not told & refused, "schema and recipec agree: take the exception out"
    else:
        assert told & refused


def test_exceptions_are_about_recipes_that_are_there():
    assert {*BROKEN, *OTHER_LINE} <= {path.stem for path in DIAGNOSTICS}


HEAD = "apiVersion: recipec/v1\nname: toy\n"
STAGES = "model: {uses: toys.model}\nstages: [{id: packed, uses: toys.pack}]\n"
GOOD = [
    HEAD + STAGES,
    HEAD + "x-notes: {any: [thing]}\n$schema: recipe.v1.schema.json\n" + STAGES,
    HEAD + "description: '${env:HOME}'\nseed: '${vars.s}'\nvars: {s: 1}\n" + STAGES,
    HEAD + "vars: {m: {numbers: 3}}\nmodel: {uses: toys.model, with: '${vars.m}'}\n"
    "stages: [{id: packed, uses: toys.pack}]\n",
    HEAD + "vars: {m: {uses: toys.model}, s: [{id: packed, uses: toys.pack}]}\n"
    "model: '${vars.m}'\nstages: '${vars.s}'\n",
    HEAD
    + "vars: {op: toys.model, n: 5}\nmodel: {uses: '${vars.op}', with: {numbers: '${vars.n}'}}\n"
    "stages: [{id: packed, uses: toys.pack}]\n",
    HEAD + "vars: {n: numbers}\nmeasure: {metrics: ['${vars.n}', {numbers: {}}]}\n" + STAGES,
    HEAD + "vars: {amount: {type: number, default: 0.5, min: 0.1, max: 0.9, choices: [0.5, 0.7]}}\n"
    "model: {uses: toys.model}\n"
    "stages: [{id: small, uses: toys.drop, with: {amount: '${vars.amount}'}}]\n",
]
"""Recipes that use what a schema easily gets wrong: look-ups for any value, free keys."""
