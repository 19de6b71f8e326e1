"""The plans of all recipes in `recipes/`, as text and as JSON, held to golden files.

Made without any framework: what looking at a recipe's model would tell is in NAME.model.json, and
`test_models_are_as_the_recipes_have_them` looks at it for real.
"""

import json
import subprocess
import sys

import pytest

import recipec
from minilm import skip_without_its_model
from plan.recipe_folder import GOLDEN, NAMES, SETTINGS, copied, masked, masked_json, planned
from recipec.plan.layer_changes import layer_changes
from recipec.plan.text import Page, plan_text
from recipec.plan.text.layers import layers_text
from recipec.registry import discover
from recipec.testing import assert_golden


@pytest.fixture(scope="module")
def catalog():
    return discover()


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


def test_a_recipe_has_its_plan(name, tmp_path, catalog, monkeypatch):
    plan, planning = planned(name, tmp_path, catalog, monkeypatch)
    assert_golden(masked(plan_text(plan, planning)), GOLDEN / f"{name}.txt")


def test_a_recipe_has_its_plan_as_data(name, tmp_path, catalog, monkeypatch):
    plan, _ = planned(name, tmp_path, catalog, monkeypatch)
    assert_golden(masked_json(plan), GOLDEN / f"{name}.json")


def test_a_plan_is_the_same_each_time(name, tmp_path, catalog, monkeypatch):
    folders = tmp_path / "one", tmp_path / "another folder"
    first, again = (planned(name, folder, catalog, monkeypatch)[0] for folder in folders)
    assert masked_json(first) == masked_json(again)


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_a_plan_fits_the_page(name, width, tmp_path, catalog, monkeypatch):
    plan, planning = planned(name, tmp_path, catalog, monkeypatch)
    page = Page(width)
    text = masked(plan_text(plan, planning, page)) + layers_text(layer_changes(plan), page)
    too_wide = [line for line in text.splitlines() if len(line) > width and len(line.split()) > 3]
    assert too_wide == []


@pytest.mark.frameworks
def test_models_are_as_the_recipes_have_them(name, tmp_path, catalog, monkeypatch):
    path = copied(name, tmp_path, monkeypatch)
    skip_without_its_model(path)
    recipe = recipec.load_recipe(path, SETTINGS.get(name, ()))
    recipec.compile_recipe(recipe, store=tmp_path / "store", catalog=catalog)
    files = sorted(
        (tmp_path / "store").glob("v1/inspections/*.json"), key=lambda file: file.stat().st_mtime_ns
    )
    seen = [json.loads(file.read_text()) for file in files]
    golden = GOLDEN / f"{name}.model.json"
    if "recipec_data.python_topics" in path.read_text() and golden.is_file():
        for one, known in zip(seen, json.loads(golden.read_text()), strict=False):
            if "count" in one and "count" in known:  # it depends on Python's version
                one["count"] = known["count"]
    text = json.dumps(seen[0] if len(seen) == 1 else seen, indent=1) + "\n"
    assert_golden(text, golden)


def test_planning_a_known_model_imports_no_framework(tmp_path):
    script = f"""
import sys
from pathlib import Path
import pytest
sys.path.insert(0, {str(GOLDEN.parent.parent.parent)!r})
from plan.recipe_folder import planned
from recipec.registry import discover
with pytest.MonkeyPatch.context() as patch:
    planned("seven-steps", Path({str(tmp_path)!r}), discover(), patch)
print(sorted({{"torch", "numpy", "onnx", "onnxruntime", "sklearn"}} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
