"""A folder with the recipes of this directory, in which the command line is a child process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

HERE = Path(__file__).parent
TOYS = {
    "METADATA": "Metadata-Version: 2.1\nName: toys\nVersion: 1\n",
    "entry_points.txt": "[recipec]\ntoys = toys\n",
}


class Answer(NamedTuple):
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Standard output, of a command that was given `--format json`."""
        return json.loads(self.out)

    @property
    def places(self) -> list[tuple[str, int, int]]:
        """Code, line and column of every error, of a command that was given `--format json`."""
        errors = [d for d in self.data["diagnostics"] if d["severity"] == "error"]
        return [(d["code"], d["line"], d["column"]) for d in errors]


class Workplace:
    """A folder of its own, with a store of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "RECIPEC_STORE": str(folder / "store")}

    def recipec(self, *arguments: str) -> Answer:
        """Call `recipec …` in this folder."""
        command = [sys.executable, "-m", "recipec.cli.main", *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def install_toys(self, tests: Path) -> None:
        """Install the toy plugin for the child processes, as pip would: with an entry point."""
        site = self.folder / "site"
        shutil.copytree(tests / "toys", site / "toys")
        (site / "toys-1.dist-info").mkdir()
        for name, text in TOYS.items():
            (site / "toys-1.dist-info" / name).write_text(text)
        self.environment["PYTHONPATH"] = str(site)

    @property
    def left_behind(self) -> set[str]:
        """What commands made here: all but the inputs and the store's empty folders."""
        given = {p.name for p in (HERE / "recipes").iterdir()} | {"site", "trained.safetensors"}
        made = [p.relative_to(self.folder) for p in self.folder.rglob("*") if p.is_file()]
        return {p.as_posix() for p in made if p.parts[0] not in given}


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    for recipe in (HERE / "recipes").iterdir():
        shutil.copy(recipe, tmp_path)
    return Workplace(tmp_path)


@pytest.fixture
def toy_place(place: Workplace) -> Workplace:
    place.install_toys(HERE.parent)
    return place
