"""What an editor offers of a plugin that isn't recipec's own. `‸` is the cursor."""

import re
import subprocess
import sys

import pytest

from clustering_example import EXAMPLE, install
from editor.conftest import SETTINGS
from editor.language_server import LanguageServer

SAMPLE = EXAMPLE / "digits.yaml"


@pytest.fixture(scope="module")
def editor(server_program, tmp_path_factory):
    """An editor with the schema of an installation that has the example."""
    installed, folder = install(tmp_path_factory.mktemp("clustering")), tmp_path_factory.mktemp("x")
    write = f"from recipec.cli.main import cli; cli(['schema', '--write', {str(folder)!r}])"
    subprocess.run([sys.executable, "-c", write], env=installed, check=True)
    with LanguageServer(["node", str(server_program), "--stdio"], folder, SETTINGS) as server:
        yield server


def offered(editor, text):
    return {item["label"]: item for item in editor.completions(text)}


def sample(old, new):
    text = SAMPLE.read_text()
    assert old in text
    return text.replace(old, new)


def stage(id, operator):
    """The sample, with the cursor at the parameters of one more stage."""
    more = f"  - id: {id}\n    uses: {operator}\n    with:\n      ‸\n"
    return SAMPLE.read_text().partition("outputs:")[0] + more


def test_nothing_is_wrong_with_its_sample_recipe(editor):
    assert editor.diagnostics(SAMPLE.read_text()) == []


def test_its_operators_are_offered_beside_those_of_recipec(editor):
    names = offered(editor, sample("uses: clustering.kmeans", "uses: ‸")).keys()
    wanted = {f"clustering.{name}" for name in ("finetune", "kmeans", "pack", "unpack")}
    assert wanted | {"prune.channels"} <= names


def test_its_parameters_are_completed(editor):
    items = offered(editor, stage("again", "clustering.kmeans"))
    wanted = {"bits", "clusters", "include", "exclude", "init", "iterations", "keep_zeros"}
    assert items.keys() == wanted
    said = items["iterations"]["documentation"]
    said = said if isinstance(said, str) else said["value"]
    assert "Lloyd's algorithm" in said
    assert "Default: 300." in said
    inits = offered(editor, sample("init: linear", "init: ‸"))
    assert {"linear", "density", "random"} <= inits.keys()


def test_parameters_it_has_from_recipec_are_completed_too(editor):
    items = offered(editor, stage("more", "clustering.finetune"))
    assert {"epochs", "optimizer", "keep_zeros", "include"} <= items.keys()


def test_hovering_shows_what_a_parameter_is(editor):
    shown = editor.hover(sample("bits: 4, init", "‸bits: 4, init"))
    assert "each tensor has 2 to this power values" in shown
    assert re.search(r"clustering\.kmeans", shown)


@pytest.mark.parametrize(
    ("old", "new", "marked", "message"),
    [
        ("bits: 4, init", "bits: 9, init", "9", "above the maximum of 8"),
        ("init: linear", "init: liner", "liner", '"linear"'),
        ("bits: 4, init", "bit: 4, init", "bit", "Property bit is not allowed."),
        ("uses: clustering.pack", "uses: clustering.pak", "clustering.pak", '"clustering.pack"'),
    ],
)
def test_a_mistake_in_its_parameters_is_marked(editor, old, new, marked, message):
    found = editor.diagnostics(sample(old, new))
    assert [mark.text for mark in found] == [marked]
    assert message in found[0].message
