"""The plan as text, held to golden files (RECIPEC_UPDATE_GOLDEN=1 rewrites them)."""

import json
import re
from pathlib import Path

from recipec.testing import assert_golden
from toys.bench import TOY_RECIPE

GOLDEN = Path(__file__).parent / "golden"


def shown(compilation):
    return re.sub(r"sha256:\w+", "sha256:…", compilation.text())


def test_a_first_plan(bench):
    assert_golden(shown(bench.compile()), GOLDEN / "first.txt")


def test_a_plan_after_a_change(bench):
    bench.run()
    changed = TOY_RECIPE.replace("amount: 0.5", "amount: 0.25")
    assert_golden(shown(bench.compile(changed)), GOLDEN / "changed.txt")


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


def test_colours_are_only_colours(bench):
    import click

    from recipec.plan.text import plan_text

    compilation = bench.compile()
    coloured = plan_text(compilation.plan, compilation.planning, colour=True)
    assert click.unstyle(coloured) == compilation.text() != coloured
