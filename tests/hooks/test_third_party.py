"""A third party's kind, operator and report section, from the recipe to the page."""

from importlib.metadata import EntryPoint

import pytest

import recipec
from recipec.registry import discover
from toys.bench import TOY_RECIPE, TOYS, Bench

RECIPE = TOY_RECIPE.replace(
    "outputs: [packed]",
    "  - {id: plate, uses: engraving.engrave, needs: small}\noutputs: [packed, plate]",
)


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path, discover([TOYS, EntryPoint("engraving", "hooks.engraving", "recipec")]))


def test_a_plan_has_the_facts_of_its_kind(bench):
    plan = bench.compile(RECIPE).plan
    facts = plan.node("plate").outputs["plate"]
    assert (facts.kind, facts.numbers, facts.metal) == ("engraving.plate", 4, "copper")


def test_a_record_and_the_store_have_them_too(bench):
    first, second = bench.run(RECIPE), bench.run(RECIPE)
    assert second.stage("plate").status == "reused"
    assert second.stage("plate").made == first.stage("plate").made
    assert second.stage("plate").made["plate"]["metal"] == "copper"


def test_the_artifact_is_in_the_run_under_its_suffix(bench):
    bench.run(RECIPE)
    lines = (bench.folder / "out" / "artifacts" / "plate.plate").read_text().splitlines()
    assert len(lines) == 4


def test_the_page_shows_the_facts_and_the_section_with_its_chart(bench):
    bench.run(RECIPE)
    bar = '<rect x="0" y="0" width="40" height="9"/>'
    cells = "<td>&lt;plate&gt;</td><td>4 in copper</td>"
    for name in ("report.html", "report.md"):
        page = (bench.folder / "out" / name).read_text()
        assert [
            one for one in ("engraving.plate", "Engraving", cells, bar) if one not in page
        ] == []


def test_in_a_process_of_its_own_it_makes_the_same(bench):
    apart = RECIPE.replace("needs: small}", "needs: small, isolation: process}")
    here = bench.run(RECIPE).stage("plate")
    made = bench.run(apart, force=["plate"]).stage("plate")
    assert (made.status, made.key, made.digests) == ("ran", here.key, here.digests)
    assert made.made == here.made


def test_the_report_of_a_record_can_be_rendered_without_the_plugin(bench, toys):
    record = bench.run(RECIPE)
    pages = recipec.render_report(record, catalog=toys)
    assert "engraving.plate" in pages["report.html"]
    assert "Lines by plate" not in pages["report.html"]
