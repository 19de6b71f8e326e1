"""The seven steps, run once by the command line in a child process, for all tests here."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

import recipec
from e2e_folder import run_recipe
from recipec.run.record import RunRecord


@dataclass(frozen=True)
class Run:
    """A finished run and what the command said."""

    out: Path
    store: Path
    stderr: str

    @property
    def record(self) -> RunRecord:
        return recipec.read_record(self.out)


@pytest.fixture(scope="session")
def recipe_folder(request, tmp_path_factory):
    """Make a folder that holds a copy of the recipe."""

    def make(name: str) -> Path:
        folder = tmp_path_factory.mktemp(name)
        shutil.copy(request.config.rootpath / "recipes" / "seven-steps.yaml", folder)
        return folder

    return make


@pytest.fixture(scope="session")
def seven_steps(recipe_folder) -> Run:
    folder = recipe_folder("seven steps äöü")
    done = run_recipe(folder)
    assert done.returncode == 0, done.stderr
    return Run(folder / "out", folder / "store", done.stderr)
