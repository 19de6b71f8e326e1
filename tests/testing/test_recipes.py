"""Tiny models, catalogs of few plugins, recipes compiled and run, golden plans and reports."""

from types import ModuleType

import pytest

import recipec
import recipec_data
import recipec_prune
from recipec.api import DataSamples, LayerTable, hookimpl
from recipec.testing import (
    assert_golden_plan,
    assert_golden_report,
    catalog_of,
    compile_recipe,
    run_alone,
    tiny_cnn,
    tiny_facts,
    tiny_mlp,
    tiny_onnx,
    tiny_samples,
)
from recipec.testing.golden_text import masked_plan, masked_report

RECIPE = """\
apiVersion: recipec/v1
name: tiny
model:
  uses: torch.model
  with: {builder: "recipec.testing._tiny:mlp", input: {x: {shape: [N, 1, 8, 8]}}}
data:
  test: {uses: data.random, with: {input: {x: {shape: [N, 1, 8, 8]}}, count: 20, classes: 4}}
measure: {data: test, metrics: [size, accuracy]}
stages:
  - {id: half, uses: prune.global, with: {amount: "50%"}}
outputs: [half]
"""


@pytest.mark.frameworks
@pytest.mark.parametrize(
    ("name", "make"),
    [("cnn", tiny_cnn), ("mlp", tiny_mlp), ("onnx", tiny_onnx), ("samples", tiny_samples)],
)
def test_tiny_facts_are_those_of_what_is_made(name, make, tmp_path):
    made = make(tmp_path / "one")
    assert tiny_facts(name) == made.facts
    assert make(tmp_path / "two").digest == made.digest


def test_tiny_facts_need_no_framework():
    assert isinstance(tiny_facts("cnn").layers, LayerTable)
    assert isinstance(tiny_facts("samples"), DataSamples)


@pytest.mark.frameworks
def test_tiny_models_take_the_tiny_samples(tmp_path):
    from recipec.registry import discover

    accuracy = discover().operator("measure.accuracy")
    data = tiny_samples(tmp_path)
    for make in (tiny_cnn, tiny_mlp, tiny_onnx):
        operator = accuracy(accuracy.params(data="data"))
        subject = make(tmp_path / make.__name__)
        _, context = run_alone(operator, {"subject": subject, "data": data}, tmp_path)
        assert context.path_for("scores").exists()


def test_a_catalog_holds_these_plugins_alone():
    catalog = catalog_of(recipec_prune, beside=("data",))
    assert {plugin.name for plugin in catalog.plugins} == {"prune", "data"}
    assert {id.partition(".")[0] for id in catalog.operators} == {"prune", "data"}


def test_a_plugin_that_is_not_installed_gets_a_name():
    plugin = ModuleType("recipec_fresh")
    plugin.recipec_operators = hookimpl(lambda: [])
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(__import__("sys").modules, "recipec_fresh", plugin)
        assert [p.name for p in catalog_of(plugin).plugins] == ["fresh"]
        assert [p.name for p in catalog_of(plugin, name="other").plugins] == ["other"]


def test_a_plugin_that_cannot_be_loaded_says_why():
    plugin = ModuleType("recipec_fresh")
    plugin.recipec_operators = hookimpl(lambda: [3])
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(__import__("sys").modules, "recipec_fresh", plugin)
        with pytest.raises(AssertionError, match="3 is not an Operator class"):
            catalog_of(plugin)


def test_a_plugin_beside_that_is_not_installed_is_an_error():
    with pytest.raises(LookupError, match="'no-such'"):
        catalog_of(recipec_data, beside=("no-such",))


@pytest.mark.frameworks
def test_a_recipe_is_compiled_run_and_held_to_golden_files(tmp_path, monkeypatch):
    catalog = catalog_of(recipec_prune, beside=("torch", "data", "measure"))
    monkeypatch.setenv("RECIPEC_UPDATE_GOLDEN", "1")
    first = compile_recipe(RECIPE, catalog, tmp_path / "one")
    assert_golden_plan(first, tmp_path / "plan.txt")
    record = recipec.run_plan(first, out=tmp_path / "one" / "out")
    assert_golden_report(record, tmp_path / "report.md")
    monkeypatch.delenv("RECIPEC_UPDATE_GOLDEN")
    again = compile_recipe(RECIPE, catalog, tmp_path / "a-folder-with-another-name")
    assert_golden_plan(again, tmp_path / "plan.txt")
    other = recipec.run_plan(again, out=tmp_path / "a-folder-with-another-name" / "out")
    assert_golden_report(other, tmp_path / "report.md")
    changed = compile_recipe(
        RECIPE, catalog, tmp_path / "one", settings=["stages.half.with.amount=25%"]
    )
    with pytest.raises(AssertionError, match=r"plan\.txt differs"):
        assert_golden_plan(changed, tmp_path / "plan.txt")


def test_plans_are_masked():
    text = """\
plan of try: 1 stages
  time    about 2.1 s (0.17–32 s; guess)
      imports  recipec_torch.zoo of recipec 0.1.0
      takes    1.7 s (0.17–22 s; guess)  330 kB disk
               and more
      does     nothing sha256:03466f06f424
warnings
  /tmp/somewhere/recipe.yaml:8:5: warning[masks-stay-dense]: one
      two
      hint: three
"""
    assert (
        masked_plan(text)
        == """\
plan of try: 1 stages
      imports  recipec_torch.zoo of recipec …
      does     nothing sha256:…
warnings
  recipe.yaml:8:5: warning[masks-stay-dense]: one two
      hint: three
"""
    )


def test_reports_are_masked():
    text = f"""\
| Started | 2026-11-24 16:48:54 UTC |
| Took | 3.31\u202fs |
| recipec | 0.1.0 |
## Expected against taken
| `model` | 1.71 s |
## Outputs
`{"a1" * 32}` 319 kB
"""
    assert (
        masked_report(text)
        == """\
| Started | (a date) |
| Took | (time) |
| recipec | … |
## Outputs
`(sha256)` 319 kB
"""
    )
