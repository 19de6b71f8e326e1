"""The plugin offers what its README says, and `recipec init` writes recipes with it."""

import re
from pathlib import Path

import pytest

import recipec_clustering
from recipec_clustering.kind import Codebooks

README = (Path(__file__).parents[1] / "README.md").read_text()


def test_every_operator_and_lint_is_in_the_readme():
    offered = [operator.id for operator in recipec_clustering.recipec_operators()]
    offered += [lint.code for lint in recipec_clustering.recipec_lints()]
    assert len(offered) == 6
    assert [name for name in offered if f"`{name}`" not in README] == []


def test_every_file_that_the_readme_names_is_there():
    package = Path(recipec_clustering.__file__).parent
    table = README[README.index("## How it is made") :]
    names = re.findall(r"`(\w+\.py)`", table)
    assert len(names) > 10
    assert [name for name in names if not (package / name).is_file()] == []


def test_its_kind_is_offered_and_says_what_runs_it():
    assert list(recipec_clustering.recipec_artifact_kinds()) == [Codebooks]
    assert Codebooks.session == "recipec_clustering._session:CodebookSession"


@pytest.mark.frameworks
def test_a_new_recipe_for_a_small_file_clusters_and_packs(tmp_path):
    from click.testing import CliRunner

    from recipec import compile_recipe, load_recipe
    from recipec.cli.main import cli

    path = tmp_path / "new.yaml"
    options = ["--model", "mlp", "--data", "data.digits", "--target", "codebooks", "--yes"]
    done = CliRunner().invoke(cli, ["init", str(path), *options, "--goal", "smaller"])
    assert done.exit_code == 0, done.output
    plan = compile_recipe(load_recipe(path), store=tmp_path / "store").plan
    uses = [node.operator for node in plan.stages]
    assert uses[2:4] == ["clustering.kmeans", "clustering.pack"]
