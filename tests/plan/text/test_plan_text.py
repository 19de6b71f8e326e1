"""The plan as text, held to golden files (RECIPEC_UPDATE_GOLDEN=1 rewrites them)."""

import json
import re
from pathlib import Path

import click
import pytest

from recipec.plan.text import Page, plan_text
from recipec.testing import assert_golden
from toys.bench import TOY_RECIPE

GOLDEN = Path(__file__).parent.parent / "golden"
DIGEST = re.compile(r"sha256:\w+")
TAKEN = re.compile(r"(?m)^(  (?:time|memory|disk) +|      takes +).+(?:\n {15}.+)*$")
"""Estimates that were learnt from real runs: no two are the same."""


def shown(compilation, page=None):
    return DIGEST.sub("sha256:…", plan_text(compilation.plan, compilation.planning, page))


def test_a_first_plan(bench):
    assert_golden(shown(bench.compile()), GOLDEN / "first.txt")


def test_a_plan_after_a_change(bench):
    bench.run()
    changed = bench.compile(TOY_RECIPE.replace("amount: 0.5", "amount: 0.25"))
    assert_golden(TAKEN.sub(r"\1…", shown(changed)), GOLDEN / "changed.txt")


def test_a_plan_with_something_blocked(bench):
    fast = "  - {id: fast, uses: toys.accelerate, needs: small}\noutputs:"
    text = TOY_RECIPE.replace("outputs:", fast).replace("[packed]", "[packed, fast]")
    assert_golden(shown(bench.compile(text)), GOLDEN / "blocked.txt")


def test_a_plan_as_data(bench):
    plan = json.loads(bench.compile().plan.model_dump_json())
    for node in plan["nodes"]:
        for name in ("key", "digests", "ingredients"):
            node.pop(name)
    assert_golden(json.dumps(plan, indent=1) + "\n", GOLDEN / "first.json")


def test_what_is_reused_is_expected_to_take_nothing(bench):
    bench.run()
    lines = shown(bench.compile()).splitlines()
    assert [line.split()[:2] for line in lines[2:5]] == [
        ["time", "about"],
        ["memory", "0"],
        ["disk", "0"],
    ]
    assert not [line for line in lines if "takes" in line]


def test_colours_are_only_colours(bench):
    compilation = bench.compile()
    coloured = plan_text(compilation.plan, compilation.planning, Page(colour=True))
    assert click.unstyle(coloured) == compilation.text() != coloured


def test_without_colour_there_is_no_escape_code(bench):
    assert "\x1b" not in bench.compile().text()


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140, 300])
def test_a_line_is_wider_than_the_page_only_if_its_one_word_is(bench, width):
    bench.run()
    for line in shown(bench.compile(TOY_RECIPE + "seed: 3\n"), Page(width)).splitlines():
        assert len(line) <= width or len(line.split()) <= 3, line


def test_what_the_output_cannot_show_is_written_in_ascii(bench):
    bench.run()
    changed = bench.compile(TOY_RECIPE.replace("amount: 0.5", "amount: 0.25"))
    text = plan_text(changed.plan, changed.planning, Page(encoding="ascii"))
    assert text.isascii()
    assert "changed: amount 0.5 -> 0.25" in text
    assert "  . train" in text
