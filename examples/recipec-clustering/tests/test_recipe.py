"""The sample recipe from end to end, as people run it."""

import re
import shutil
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[1] / "digits.yaml"
pytestmark = pytest.mark.frameworks


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    from recipec import compile_recipe, load_recipe, run_plan

    folder = tmp_path_factory.mktemp("sample")
    shutil.copy(SAMPLE, folder)
    recipe = load_recipe(folder / SAMPLE.name)
    record = run_plan(compile_recipe(recipe, store=folder / "store"), out=folder / "out")
    return record, folder / "out"


def test_the_file_has_the_size_that_the_plan_says(run):
    record, out = run
    planned = record.stage("packed").planned["model"]
    made = out / "artifacts" / "packed" / "codebooks.safetensors"
    assert made.stat().st_size == planned["file_bytes"] == 10_176


def test_its_gates_pass(run):
    record, _ = run
    assert record.status == "done"
    assert [gate.verdict for gate in record.gates] == ["pass", "pass"]


def test_the_packed_model_answers_as_the_module_that_it_was(run):
    record, _ = run
    values = [record.stage(id).metric("accuracy").value for id in ("tuned", "packed", "unpacked")]
    assert len(set(values)) == 1
    assert record.stage("packed").metric("size.disk").value < 11_000


def test_the_report_draws_the_codebooks(run):
    _, out = run
    html = (out / "report.html").read_text()
    section = html[html.index('id="plugin-1"') :]
    assert "Codebooks" in section
    assert re.search(r"fc1\.weight: 1[56] values from -", section)
    assert section.count("<rect") > 40


def test_clusters_that_are_trained_apart_are_warned_of(tmp_path):
    from recipec import compile_recipe, load_recipe

    text = SAMPLE.read_text().replace("clustering.finetune", "train.fit")
    (tmp_path / "wrong.yaml").write_text(text)
    compiled = compile_recipe(load_recipe(tmp_path / "wrong.yaml"), store=tmp_path / "store")
    assert "clustering.undone" in {finding.code for finding in compiled.plan.diagnostics}


def test_the_other_recipe_is_planned_to_the_byte(tmp_path):
    from recipec import compile_recipe, load_recipe

    recipe = load_recipe(SAMPLE.with_name("widths.yaml"))
    plan = compile_recipe(recipe, store=tmp_path / "store").plan
    sizes = {n.id: n.outputs["model"].file_bytes for n in plan.stages if n.id[0] in "pq"}
    assert [sizes[f"p{bits}"] for bits in (1, 2, 3, 4)] == [20_674, 30_396, 40_190, 50_160]
    assert all(sizes[f"q{bits}"] == sizes[f"p{bits}"] for bits in (1, 2, 3, 4))


def test_the_readme_s_example_is_a_recipe(tmp_path):
    import yaml

    from recipec import compile_recipe, load_recipe

    readme = SAMPLE.with_name("README.md").read_text()
    (fragment,) = re.findall(r"```yaml fragment\n(.*?)```", readme, re.DOTALL)
    whole = {**yaml.safe_load(SAMPLE.read_text()), **yaml.safe_load(fragment)}
    del whole["gates"]
    (tmp_path / "readme.yaml").write_text(yaml.safe_dump(whole, sort_keys=False))
    recipe = load_recipe(tmp_path / "readme.yaml")
    plan = compile_recipe(recipe, store=tmp_path / "store").plan
    assert [n.id for n in plan.stages] == ["model", "trained", "clustered", "tuned", "packed"]
    assert not plan.diagnostics
