"""docs/plugins.md, followed to the letter in a new environment: every block of it is run.

What stands behind the language of a block says what it is:

    ```bash              run, each in the folder where the one before ended
    ```text tree         all files that `recipec plugins new` made
    ```text plan         lines of the dry run, times aside
    ```diff file=…       applied to the file
    ```python append=…   added to the file
    ```… in=…            a part of the file
"""

import os
import re
import shlex

import pytest

from fresh_environment import fresh_environment

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]

FENCE = re.compile(r"^```(?P<language>\w+)(?P<marks>[^\n]*)\n(?P<text>.*?)^```$", re.M | re.S)
MADE = {".git", ".pytest_cache", "__pycache__"}
UPLOAD = """\
import sys, zipfile
_, verb, wheel = sys.argv
assert verb == "upload"
print(sorted(zipfile.ZipFile(wheel).namelist()))
"""


class Reader:
    """Does what a page says, block by block."""

    def __init__(self, environment):
        self.environment, self.here = environment, environment.work
        self.files, self.said = None, {}

    def follow(self, language, marks, text):
        path = self.here / marks.get("file", marks.get("append", marks.get("in", "")))
        if language == "bash":
            self.run(text)
        elif "tree" in marks:
            assert text.splitlines() == self.files
        elif "plan" in marks:
            assert text in self.said["recipec compile recipe.yaml --dry-run"]
        elif language == "diff":
            path.write_text(patched(path.read_text(), text))
        elif "append" in marks:
            path.write_text(path.read_text() + text)
        elif "in" in marks:
            assert text in path.read_text()
        else:
            raise AssertionError(f"nobody says what this block is:\n{text}")

    def run(self, text):
        for line in text.splitlines():
            where = self.environment.folder / "where"
            script = f"cd {shlex.quote(str(self.here))}\n{line}\npwd > {shlex.quote(str(where))}"
            self.said[line] = self.environment.done(script)
            self.here = type(self.here)(where.read_text().strip())
            if self.files is None and (self.here / "pyproject.toml").is_file():
                self.files = files(self.here)


def files(folder):
    """All files that a person made, as the page lists them."""
    found = [f.relative_to(folder) for f in folder.rglob("*") if f.is_file()]
    return sorted((f.as_posix() for f in found if not MADE & {*f.parts}), key=_as_listed)


def _as_listed(path):
    return (path[0] != ".", not path[0].isupper(), path)


def patched(text, diff):
    """Apply one hunk without a header: its context must be there once."""
    lines = diff.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if not line.startswith("+"))
    after = "".join(line[1:] for line in lines if not line.startswith("-"))
    assert text.count(before) == 1, before
    return text.replace(before, after)


def blocks(page):
    for found in FENCE.finditer(page.read_text()):
        marks = dict(mark.partition("=")[::2] for mark in found["marks"].split())
        yield found["language"], marks, found["text"]


def test_from_nothing_to_a_published_package(request, tmp_path):
    environment = fresh_environment(tmp_path)
    # What it would upload is looked at instead: the one thing here that isn't as readers have it.
    environment.command("twine", UPLOAD)
    reader = Reader(environment)
    for language, marks, text in blocks(request.config.rootpath / "docs" / "plugins.md"):
        reader.follow(language, marks, text)
    said = reader.said
    assert " passed" in said["pytest"]
    assert " passed" in said["RECIPEC_UPDATE_GOLDEN=1 pytest"]
    assert re.search(r"acme: \d+ passed", said["recipec plugins check acme"])
    assert "nothing is broken" in said["recipec plugins doctor"]
    assert "blocked by RECIPEC_BLOCK_PLUGINS" in said["RECIPEC_BLOCK_PLUGINS=acme recipec plugins"]
    assert str(environment.folder) in said["recipec plugins show acme"]  # the wheel, not the folder
    (uploaded,) = [said[line] for line in said if line.startswith("twine")]
    for name in ("recipec_acme/clip.py", "recipec_acme/py.typed", "recipec_acme/contract.py"):
        assert name in uploaded
    assert (environment.work / "recipec-acme" / "runs" / "acme-example" / "report.html").is_file()


def test_without_the_variable_the_contract_notices_the_new_parameter(request, tmp_path):
    environment = fresh_environment(tmp_path)
    reader = Reader(environment)
    for language, marks, text in blocks(request.config.rootpath / "docs" / "plugins.md"):
        if "RECIPEC_UPDATE_GOLDEN" in text:
            break
        if language in ("bash", "diff") and "recipec compile" not in text:
            reader.follow(language, marks, text)
    ended = environment.run("cd recipec-acme; pytest -k version")
    assert ended.returncode == 1
    assert "is not up to date: the example is another one" in ended.stdout
    assert os.environ.get("RECIPEC_UPDATE_GOLDEN") is None
