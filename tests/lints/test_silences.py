"""Silences: a lint is declared fine with a reason, which plan, record and report show."""

import json

import click
import pytest

import recipec
from recipec.cli.problems import diagnostic_text
from recipec.testing import assert_golden

HEAD = """\
apiVersion: recipec/v1
name: silenced
model: {uses: techniques.model}
data:
  train: {uses: techniques.samples, with: {split: train}}
  test: {uses: techniques.samples, with: {split: test}}
measure: {data: test, metrics: [score]}
stages:
  - {id: trained, uses: techniques.train, with: {data: train}}
  - {id: prune, uses: techniques.prune, with: {amount: 0.3}}
  - {id: onnx, uses: techniques.export}
"""
PRUNED = "  - {lint: pruned-not-retrained, stage: prune, reason: trained elsewhere}\n"
EVERYWHERE = "  - {lint: pruned-not-retrained, reason: only speed counts}\n"


@pytest.fixture
def plan(tmp_path, plan_of):
    def make(*silences, **options):
        path = tmp_path / "recipe.yaml"
        path.write_text(HEAD + ("silence:\n" + "".join(silences) if silences else ""))
        return plan_of(path, **options)

    return make


def codes(plan):
    return [diagnostic.code for diagnostic in plan.diagnostics]


def test_a_silence_takes_a_finding_of_its_stage_and_keeps_the_reason(plan):
    assert codes(plan()) == ["channels-unaligned", "pruned-not-retrained"]
    silenced = plan(PRUNED)
    assert codes(silenced) == ["channels-unaligned"]
    (kept,) = silenced.silenced
    assert (kept.diagnostic.code, kept.reason) == ("pruned-not-retrained", "trained elsewhere")


def test_a_silence_without_a_stage_holds_everywhere(plan):
    assert codes(plan(EVERYWHERE)) == ["channels-unaligned"]


def test_the_silence_of_a_stage_comes_before_one_for_all(plan):
    both = plan(EVERYWHERE, PRUNED)
    assert [silenced.reason for silenced in both.silenced] == ["trained elsewhere"]
    assert codes(both) == ["channels-unaligned", "useless-silence"]


def test_a_plan_as_data_has_what_is_silenced_with_its_reason(plan):
    data = json.loads(plan(PRUNED).model_dump_json())
    (silenced,) = data["silenced"]
    assert (silenced["code"], silenced["line"], silenced["reason"]) == (
        "pruned-not-retrained",
        10,
        "trained elsewhere",
    )
    assert [said["code"] for said in data["diagnostics"]] == ["channels-unaligned"]


def test_no_silence_is_useless_in_a_recipe_that_is_not_compiled_as_written(
    tmp_path, techniques, plan
):
    idle = "  - {lint: learns-from-test, reason: it did once}\n"
    assert "useless-silence" in codes(plan(idle))
    assert "useless-silence" not in codes(plan(idle, until="onnx"))
    path = tmp_path / "recipe.yaml"
    changed = recipec.load_recipe(path, ["stages.prune.with.amount=0.01"])
    compiled = recipec.compile_recipe(changed, catalog=techniques, store=tmp_path / "store")
    assert "useless-silence" not in codes(compiled.plan)


def test_a_finding_names_where_a_value_came_from(tmp_path, techniques, plan):
    plan()
    path = tmp_path / "recipe.yaml"
    text = path.read_text().replace("data: train}", 'data: "${vars.on}"}')
    path.write_text(text.replace("model:", "vars: {on: test}\nmodel:"))
    compiled = recipec.compile_recipe(
        recipec.load_recipe(path), catalog=techniques, store=tmp_path / "store"
    )
    (said, *_) = compiled.plan.diagnostics
    assert said.code == "evaluated-on-seen-data"
    assert "vars.on" in said.origin


def test_the_text_of_a_plan_shows_warnings_in_order_and_silences_in_a_line(
    tmp_path, monkeypatch, techniques, plan, request
):
    plan(PRUNED)
    monkeypatch.chdir(tmp_path)
    recipe = recipec.load_recipe("recipe.yaml")
    text = recipec.compile_recipe(recipe, catalog=techniques, store=tmp_path / "store").text()
    golden = request.path.parent / "golden"
    assert_golden(text[text.index("warnings\n") :], golden / "plan.txt")


def test_a_warning_on_the_terminal_has_its_line_hint_and_where_to_read_more(plan, request):
    told = plan().diagnostics
    text = click.unstyle("\n".join(map(diagnostic_text, told)) + "\n")
    golden = request.path.parent / "golden"
    assert_golden(text.replace(str(told[0].span.file), "recipe.yaml"), golden / "terminal.txt")
