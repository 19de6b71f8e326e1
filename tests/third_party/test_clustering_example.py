"""`examples/recipec-clustering`: a plugin like the built-in ones in all but its place."""

import ast
import json
import subprocess
import sys
import tomllib

import pytest

from clustering_example import EXAMPLE, install

LIGHT = ["tests/test_plan.py", "tests/test_lints.py", "tests/test_section.py"]
OPERATORS = ["clustering.finetune", "clustering.kmeans", "clustering.pack", "clustering.unpack"]


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """The environment of a process in which the example is installed."""
    return install(tmp_path_factory.mktemp("clustering"))


def run(installed, *command, cwd=EXAMPLE):
    done = subprocess.run(
        [sys.executable, *command], env=installed, cwd=cwd, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    return done.stdout


def test_it_is_bundled_nowhere(request):
    root = tomllib.loads((request.config.rootpath / "pyproject.toml").read_text())
    assert "clustering" not in root["project"]["entry-points"]["recipec"]
    packages = root["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    folders = root["tool"]["hatch"]["build"]["dev-mode-dirs"]
    assert not [name for name in (*packages, *folders) if "clustering" in name]


def test_it_imports_the_api_and_no_other_part_of_recipec():
    imported = set()
    for path in (EXAMPLE / "recipec_clustering").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                imported.add(node.module)
            elif isinstance(node, ast.Import):
                imported.update(alias.name for alias in node.names)
    ours = {name for name in imported if name.partition(".")[0].startswith("recipec")}
    foreign = {name for name in ours if not name.startswith(("recipec.api", "recipec_clustering"))}
    assert foreign == set()
    private = {name for name in ours if name.startswith("recipec.api") and "._" in name}
    assert private == set()


def test_its_wheel_holds_all_that_it_needs(installed, tmp_path):
    script = (
        "import json, recipec_clustering, recipec_clustering.lints as lints\n"
        "from recipec.explanations import page_of\n"
        "from recipec.registry import discover\n"
        "catalog = discover()\n"
        "(plugin,) = [p for p in catalog.plugins if p.name == 'clustering']\n"
        "offered = sorted(o for o in catalog.operators if o.startswith('clustering.'))\n"
        "pages = [page_of(lint).summary for lint in (lints.UNDONE, lints.UNPACKED)]\n"
        "print(json.dumps([plugin.failure, offered, pages, recipec_clustering.__file__]))\n"
    )
    failure, offered, pages, file = json.loads(run(installed, "-c", script, cwd=tmp_path))
    assert failure is None
    assert offered == OPERATORS
    assert len(set(pages)) == 2
    assert not file.startswith(str(EXAMPLE))


def test_its_tests_pass_where_it_is_installed(installed):
    assert " passed" in run(installed, "-m", "pytest", "-q", "-p", "no:cacheprovider", *LIGHT)


@pytest.mark.slow
@pytest.mark.frameworks
def test_all_its_tests_pass_where_frameworks_are(installed):
    assert " passed" in run(installed, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
