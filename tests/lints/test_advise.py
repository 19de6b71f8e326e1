"""The pass that asks lints: whom it asks, when, and what a plugin's lint may and may not do."""

import sys
import types
from importlib.metadata import EntryPoint

import pytest

import recipec
from recipec.api import Finding, Lint, hookimpl
from recipec.plan import Forgetful, Machine, Planning
from recipec.plan.lints import GENERAL
from recipec.plan.view import plan_view
from recipec.registry import discover
from toys.techniques import TECHNIQUES

RECIPE = """\
apiVersion: recipec/v1
name: advised
model: {{uses: techniques.model}}
data:
  train: {{uses: techniques.samples, with: {{split: train}}}}
  test: {{uses: techniques.samples, with: {{split: test}}}}
measure: {{data: test, metrics: [score]}}
stages:
{stages}
"""
FAKE = """\
  - {id: trained, uses: techniques.train, with: {data: train}}
  - {id: fake, uses: techniques.fake}
  - {id: int8, uses: techniques.convert}"""


@pytest.fixture
def plan(tmp_path, plan_of):
    def make(stages=FAKE, **options):
        path = tmp_path / "recipe.yaml"
        path.write_text(RECIPE.format(stages=stages))
        return plan_of(path, **options)

    return make


@pytest.fixture
def catalog_with(monkeypatch):
    """A catalog in which plugin `acme` offers lints or checks plans."""

    def make(**hooks):
        module = types.ModuleType("plugin_acme")
        for name, function in hooks.items():
            setattr(module, name, hookimpl(function))
        monkeypatch.setitem(sys.modules, "plugin_acme", module)
        point = EntryPoint("acme", "plugin_acme", "recipec")
        return discover([TECHNIQUES, point])

    return make


def lint(check, code="acme.too-many"):
    return Lint(code, "too many stages", "acme:explanations/too-many.md", check)


def said(plan):
    return [(d.code, d.message) for d in plan.diagnostics]


def test_what_comes_later_is_not_missed_in_a_part_of_the_recipe(plan):
    assert said(plan()) == said(plan(until="fake")) == []


def test_a_plugins_lint_is_as_one_of_recipecs_own(plan, catalog_with):
    def check(plan):
        for stage in plan.stages[2:3]:
            at = stage.parameter("data")
            yield Finding("one too many", stage=stage.id, hint="take it out", at=at)

    found = plan(catalog=catalog_with(recipec_lints=lambda: [lint(check)])).diagnostics[0]
    assert (found.code, found.hint) == ("acme.too-many", "take it out")
    assert (found.span.line, found.severity.value) == (10, "warning")


def test_a_lint_that_breaks_is_told_and_keeps_no_other_from_its_word(plan, catalog_with):
    def check(plan):
        yield Finding("half a word")
        raise ValueError("broken")

    catalog = catalog_with(recipec_lints=lambda: [lint(check)])
    twice = FAKE.replace("convert}", "fake}")
    assert [code for code, _ in said(plan(twice, catalog=catalog))] == [
        "fake-quantization-kept",
        "lint-failed",
    ]
    assert "acme.too-many of plugin 'acme' raised ValueError: broken" in str(
        plan(twice, catalog=catalog).diagnostics[-1]
    )


def test_the_plan_that_plugins_see_cannot_be_changed(plan, catalog_with):
    def check(plan):
        plan.stages[1].params["data"] = "test"

    catalog = catalog_with(recipec_check_plan=check)
    planned = plan(catalog=catalog)
    assert "does not support item assignment" in planned.diagnostics[0].message
    assert planned.node("trained").params["data"] == "train"


def test_a_check_refuses_the_plan_at_the_place_it_names(plan, catalog_with):
    def check(plan):
        yield Finding("not on our cluster", stage="int8")
        yield Finding("one more", at=("measure", "data"))

    with pytest.raises(recipec.RecipeError) as caught:
        plan(catalog=catalog_with(recipec_check_plan=check))
    assert [(d.code, d.span.line, d.span.column) for d in caught.value.diagnostics] == [
        ("plugin-check", 11, 5),
        ("plugin-check", 7, 17),
    ]


def test_silencing_a_lint_of_a_plugin_that_failed_is_no_second_error(tmp_path, plan_of):
    path = tmp_path / "recipe.yaml"
    path.write_text(
        RECIPE.format(stages=FAKE) + "silence:\n  - {lint: acme.too-many, reason: few}\n"
    )
    point = EntryPoint("acme", "no_such_module", "recipec")
    assert plan_of(path, catalog=discover([TECHNIQUES, point])).silenced == ()


def test_the_work_of_all_lints_grows_as_the_plan_does(tmp_path, techniques, plan_of):
    def lines_run(stages):
        written = ["  - {id: s0, uses: techniques.train, with: {data: train}}"]
        uses = ["prune, with: {amount: 0.01}", "mask", "train, with: {data: train}", "fake"]
        for number in range(1, stages):
            written.append(f"  - {{id: s{number}, uses: techniques.{uses[number % 4]}}}")
        path = tmp_path / "recipe.yaml"
        path.write_text(RECIPE.format(stages="\n".join(written)))
        planning = Planning(recipec.load_recipe(path), techniques, Machine({}), Forgetful())
        view = plan_view(plan_of(path), planning)
        count = 0

        def trace(frame, event, argument):
            nonlocal count
            count += event == "line"
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            for one in GENERAL:
                list(one.check(view))
        finally:
            sys.settrace(before)
        return count

    assert lines_run(800) < 4.2 * lines_run(200)
