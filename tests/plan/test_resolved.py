"""The resolved recipe: it compiles to the same plan, and says where each value came from."""

import json
from pathlib import Path

import pytest

import recipec
from recipec.compiler import resolve_recipe
from recipec.plan import Forgetful, Machine, Planning
from recipec.plan.bind import bind
from recipec.plan.measure import measure
from recipec.recipe import parse_recipe
from recipec.recipe.placed import Placed
from recipec.recipe.writing import flow, yaml_text
from recipec.registry import discover
from recipec.source import Span, SpanTree, read_document
from recipec.testing import assert_golden
from toys.bench import TOY_RECIPE

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"

BASE = TOY_RECIPE.replace("name: toy", "name: base\nvars: {amount: 0.5}").replace(
    "amount: 0.5}}", 'amount: "${vars.amount}"}}'
)
COMPOSED = """\
apiVersion: recipec/v1
name: composed
extends: base.yaml
description: 'costs $${5}: "all"'
seed: 3
stages:
  - {id: big, with: {factor: 3}}
  - {id: again, uses: toys.scale, needs: model, before: packed}
presets: {quick: {data: {test: {with: {count: 60}}}}}
matrix: {stages.again.with.factor: [4, 5]}
"""


@pytest.fixture
def composed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("base.yaml").write_text(BASE)
    Path("composed.yaml").write_text(COMPOSED)
    return recipec.load_recipe(
        "composed.yaml", ["amount=0.25"], presets=["quick"], variant="factor=5"
    )


def nodes(recipe, catalog):
    """All nodes of a recipe: what they are, take and are given."""
    planning = Planning(recipe, catalog, Machine(catalog.capabilities), Forgetful())
    plan = measure(bind(planning), planning)
    head = (plan.seed, plan.threads, plan.baseline, plan.outputs, recipe.spec.gates)
    return head, {n.id: (n.operator, n.params, n.inputs) for n in plan.nodes}


def again(text, folder):
    return parse_recipe(text.encode(), "rendered.yaml", folder, environment={})


@pytest.mark.parametrize("defaults", [True, False])
def test_a_composed_recipe_is_the_same_when_it_is_rendered(composed, toys, defaults):
    text = resolve_recipe(composed, catalog=toys, defaults=defaults).to_yaml()
    assert nodes(again(text, Path()), toys) == nodes(composed, toys)
    assert again(text, Path()).spec.description == composed.spec.description


@pytest.mark.parametrize("path", sorted((ROOT / "recipes").glob("*.yaml")), ids=lambda p: p.stem)
@pytest.mark.parametrize("defaults", [True, False])
def test_every_recipe_of_the_repository_is_the_same_when_it_is_rendered(
    path, defaults, monkeypatch, tmp_path
):
    catalog = discover()
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (tmp_path / f"{name}-ubyte.gz").write_bytes(b"")
    settings = [f"folder={tmp_path}"] if path.stem == "fashion-mnist" else []
    for recipe in recipec.load_variants(path, settings):
        text = resolve_recipe(recipe, catalog=catalog, defaults=defaults).to_yaml()
        assert nodes(again(text, path.parent), catalog) == nodes(recipe, catalog)


def test_a_rendered_recipe_gives_the_same_keys(composed, toys):
    rendered = again(resolve_recipe(composed, catalog=toys).to_yaml(), Path())
    plans = [
        recipec.compile_recipe(recipe, catalog=toys, store="store").plan
        for recipe in (composed, rendered)
    ]
    first, second = ({n.id: (n.ingredients, n.key) for n in plan.nodes} for plan in plans)
    assert first == second


def test_every_value_has_its_origin_behind_it(composed, toys):
    assert_golden(resolve_recipe(composed, catalog=toys).to_yaml(), GOLDEN / "composed.yaml.txt")


def test_every_default_is_written(composed, toys):
    value = resolve_recipe(composed, catalog=toys).placed.value
    for use in (value["model"], *value["data"].values(), *value["stages"]):
        fields = toys.operator(use["uses"]).params.model_fields
        assert use.get("with", {}).keys() == {f.alias or name for name, f in fields.items()}
    assert (value["threads"], value["outputs"]) == (1, ["packed"])
    assert [stage["needs"] for stage in value["stages"]] == ["model", "big", "model", "again"]


def test_as_data_origins_are_found_by_json_pointer(composed, toys):
    told = json.loads(json.dumps(resolve_recipe(composed, catalog=toys).to_json()))
    origins = told["origins"]
    assert told["recipe"]["stages"][1]["with"]["amount"] == 0.25
    assert origins["/stages/1/with/amount"] == {
        "origin": "vars.amount: --set amount=0.25",
        "file": "base.yaml",
        "line": 12,
        "column": 49,
    }
    assert origins["/stages/0/with/factor"]["origin"] == "composed.yaml:7"
    assert origins["/data/test/with/count"]["origin"] == "preset quick at composed.yaml:9"
    assert origins["/stages/2/with/factor"]["origin"] == "matrix at composed.yaml:10"
    assert origins["/stages/2/with/data"] == {
        "origin": "default", "file": None, "line": None, "column": None
    }  # fmt: skip
    assert told["order"][-1] == "--set amount=0.25"


@pytest.mark.parametrize(
    "value",
    [
        None, True, False, 0, -3, 10**30, 0.5, -1e-9, 1e22, float("inf"), float("-inf"),
        "", "a", "no", "N", "null", "~", "010", "0x1F", "1e-4", ".5", ".inf", "1pp", "-", "- a",
        "a: b", "a #b", "#a", "a\nb", " a ", "\t", '"', "\\", "'", "{a}", "[a]", "*a", "&a", "!a",
        "%a", "@a", "`a", "|", ">", "a,b", "é", "日本", "\u0085\u2028\ufeff\x07", "🙂", "=", "<<",
        "a" * 300, "true", "Null", "/x/y.z", "x:y", "?", "---",
        [], {}, [[]], [1, [2, [3]]], {"a b": {"": [{}]}, "1": {"null": None}}, ["N", "y"],
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_written_is_read_as_the_same_value(value):
    assert read_document(flow(value), "f").value == value
    nowhere = SpanTree(Span("f", 1, 1, 1, 1))
    whole = {"x": value, "y": [value, {"z": value}]}
    text = yaml_text(Placed(whole, nowhere))
    assert read_document(text, "f").value == whole


def test_look_ups_in_text_are_written_so_that_they_are_none():
    assert flow("${vars.x}") == '"$${vars.x}"'
