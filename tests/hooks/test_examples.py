"""Every hook's example is a plugin that does what its text says."""

import inspect
import logging
import re

import pytest

from hooks.conftest import HOOKS
from recipec import RecipeError
from recipec.compiler import machine_of
from recipec.testing import LintContract
from toys.bench import TOY_RECIPE

COPIED = TOY_RECIPE.replace("outputs:", "  - {id: copied, uses: acme.copy, needs: small}\noutputs:")


@pytest.mark.parametrize("hook", HOOKS)
def test_an_example_is_a_plugin_that_loads_and_implements_its_hook(hook, installed):
    bench = installed(hook)
    assert bench.catalog.failures == ()
    assert bench.catalog.hooks_of("acme") == (hook,)
    assert bench.catalog.plugin("acme").told == ()


@pytest.mark.parametrize("hook", HOOKS)
def test_an_example_takes_the_arguments_that_the_hook_has(hook, installed):
    bench = installed(hook)
    (implementation,) = (
        one
        for one in getattr(bench.catalog.hooks.hook, hook).get_hookimpls()
        if one.plugin_name == "acme"
    )
    assert list(implementation.argnames) == list(inspect.signature(HOOKS[hook]).parameters)


@pytest.mark.parametrize("hook", HOOKS)
def test_the_text_of_a_hook_says_when_it_is_called(hook, make):
    prose, files = make.hook_text(inspect.getdoc(HOOKS[hook]))
    assert re.search(r"Called |about to run|ran, was reused|is over", prose)
    assert "recipec_acme/__init__.py" in files


def test_operators_can_be_planned_and_run(installed):
    bench = installed("recipec_operators")
    record = bench.run(COPIED)
    assert record.stage("copied").digests == record.stage("small").digests
    assert record.stage("copied").effects == ("a copy is made",)


def test_kinds_are_known_and_survive_json(installed):
    catalog = installed("recipec_artifact_kinds").catalog
    kind = catalog.kinds["acme.tflite"]
    facts = kind(delegates=("xnnpack",))
    assert catalog.facts(facts.to_json()) == facts


def test_capabilities_are_probed_when_they_are_needed(installed):
    catalog = installed("recipec_capabilities").catalog
    machine = machine_of(catalog)
    assert machine.version("acmec") is None
    assert machine.faults == {}


def test_a_check_refuses_a_plan(installed):
    bench = installed("recipec_check_plan")
    bench.compile()
    many = "".join(f"  - {{id: s{n}, uses: toys.scale, with: {{factor: {n}}}, needs: small}}\n"
                   for n in range(100))  # fmt: skip
    with pytest.raises(RecipeError, match="our cluster takes recipes of 100 stages at most"):
        bench.compile(TOY_RECIPE.replace("outputs:", f"{many}outputs:"))


def test_a_lint_warns_and_can_be_silenced(installed):
    bench = installed("recipec_lints")
    text = TOY_RECIPE + "threads: 128\n"
    silence = "silence: [{lint: acme.many-threads, reason: it is run on the large machine}]\n"
    (told,) = (d for d in bench.compile(text).plan.diagnostics if d.code == "acme.many-threads")
    assert told.message == "the recipe asks for 128 threads"
    assert told.span.source == "threads: 128"
    (silenced,) = (
        s for s in bench.compile(text + silence).plan.silenced if s.diagnostic.code == told.code
    )
    assert silenced.reason == "it is run on the large machine"
    contract = LintContract()
    contract.lint = bench.catalog.lints["acme.many-threads"].lint
    contract.test_its_page_says_why_it_matters_and_what_to_do()
    contract.test_its_page_shows_a_silence_that_a_recipe_can_have()


def test_parts_are_offered_to_init(installed):
    from recipec.init.offers import find_offers

    bench = installed("recipec_operators", "recipec_recipe_parts")
    (part,) = (p for p in find_offers(bench.catalog).stages if p.uses == "acme.copy")
    assert part.comment == "A copy, to have one."


def test_a_section_with_a_chart_is_in_the_report(installed):
    bench = installed("recipec_report_sections")
    record = bench.run()
    page = (bench.folder / "out" / "report.html").read_text()
    assert "by plugin <bdi>acme</bdi>" in page
    assert "could not render" not in page
    chart = page[page.index("<title>Seconds by stage</title>") :]
    assert chart.count("<rect", 0, chart.index("</svg>")) == len(record.stages)


def test_templates_stand_before_the_built_in_ones(installed):
    bench = installed("recipec_report_templates")
    bench.run()
    page = (bench.folder / "out" / "report.html").read_text()
    assert '<p class="detail">Acme Inc., internal</p>' in page
    assert '<section id="summary"' in page


def test_a_template_that_fails_costs_a_warning_and_no_run(installed):
    bench = installed("recipec_report_templates")
    template = bench.folder / "site" / "recipec_acme" / "templates" / "report.html.j2"
    template.write_text("{{ nothing }}")
    bench.run()
    page = (bench.folder / "out" / "report.html").read_text()
    assert "Acme" not in page
    assert '<section id="summary"' in page


@pytest.mark.parametrize(
    ("hook", "said"),
    [
        ("recipec_stage_started", r"small \(toys.drop\) begins"),
        ("recipec_stage_finished", r"small: ran in \d+\.\d s"),
        ("recipec_run_finished", r"toy: done"),
    ],
)
def test_observers_see_the_run(hook, said, installed, caplog):
    with caplog.at_level(logging.INFO, "recipec_acme"):
        record = installed(hook).run()
    assert record.diagnostics == ()
    assert any(re.fullmatch(said, message) for message in caplog.messages)
