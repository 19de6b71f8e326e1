"""docs/testing.md: its plugin is made, its tests are run, and it names what there is."""

import os
import re
import subprocess
import sys
import tomllib

import pytest

import recipec.testing
from recipec.testing.suites import GROUP

BLOCK = re.compile(r"^(`{3,})(\w+)([^\n]*)\n(.*?)^\1$", re.M | re.S)


@pytest.fixture(scope="module")
def text(request):
    return (request.config.rootpath / "docs" / "testing.md").read_text()


@pytest.fixture
def plugin(text, tmp_path):
    """The plugin of the page, installed in a folder."""
    for _, _, marks, content in BLOCK.findall(text):
        if found := re.search(r"file=(\S+)", marks):
            path = tmp_path / found[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
    project = tomllib.loads((tmp_path / "pyproject.toml").read_text())["project"]
    info = tmp_path / "recipec_acme-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    points = "\n".join(f"{n} = {v}" for n, v in project["entry-points"]["recipec"].items())
    (info / "entry_points.txt").write_text(f"[recipec]\n{points}\n")
    return tmp_path


def run_tests(plugin, *options, **environment):
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests", *options],
        env={**os.environ, "PYTHONPATH": str(plugin), "CI": "", **environment},
        cwd=plugin,
        capture_output=True,
        text=True,
    )


@pytest.mark.frameworks
def test_the_tests_of_the_page_pass_and_go_on_passing(plugin):
    first = run_tests(plugin, RECIPEC_UPDATE_GOLDEN="1")
    assert first.returncode == 0, first.stdout
    again = run_tests(plugin, "-k", "recipe or version", CI="1")
    assert again.returncode == 0, again.stdout
    assert {path.name for path in (plugin / "tests").rglob("*.*") if path.suffix != ".pyc"} >= {
        "acme.sign-test_sign-TestSign.json",
        "plan.txt",
        "report.md",
    }


def test_every_block_is_part_of_the_plugin_or_looked_at_here(text):
    others = [
        (language, content)
        for _, language, marks, content in BLOCK.findall(text)
        if "file=" not in marks
    ]
    ((language, content),) = others
    assert language == "toml"
    assert list(tomllib.loads(content)["project"]["entry-points"]) == [GROUP]


def test_everything_that_the_kit_offers_is_on_the_page(text):
    untold = {"FRAMEWORKS", "AloneRunContext", "BarePlanContext", "AlonePlanContext", "Checked"}
    said = set(re.findall(r"\w+", text))
    assert set(recipec.testing.__all__) - said - untold == set()
