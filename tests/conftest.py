"""Fixtures of the core's tests: a catalog of toy operators, and a folder to run recipes in."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import recipec
from recipec.registry import discover

TOYS = EntryPoint("toys", "toys", "recipec")
TOY_RECIPE = """\
apiVersion: recipec/v1
name: toy
model: {uses: toys.model}
data:
  train: {uses: toys.numbers}
  test: {uses: toys.numbers, with: {count: 600}}
measure: {data: test, metrics: [numbers, right]}
baseline: big
stages:
  - {id: big, uses: toys.scale, with: {factor: 2, data: train}}
  - {id: small, uses: toys.drop, with: {amount: 0.5}}
  - {id: packed, uses: toys.pack}
outputs: [packed]
gates:
  - {stage: small, metric: numbers.count, min_ratio: 2x}
"""


@pytest.fixture(scope="session")
def toys():
    return discover([TOYS])


class Bench:
    """Writes, plans and runs toy recipes in a folder of its own."""

    def __init__(self, folder: Path, catalog) -> None:
        self.folder, self.catalog = folder, catalog

    def write(self, text: str = TOY_RECIPE, name: str = "recipe.yaml") -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def compile(self, text: str = TOY_RECIPE, *settings: str, **options):
        recipe = recipec.load_recipe(self.write(text), settings)
        options.setdefault("store", self.folder / "store")
        return recipec.compile_recipe(recipe, catalog=self.catalog, **options)

    def run(self, text: str = TOY_RECIPE, *settings: str, observer=None, **options):
        out = options.pop("out", self.folder / "out")
        return recipec.run_plan(self.compile(text, *settings, **options), out, observer)


@pytest.fixture
def bench(tmp_path, toys) -> Bench:
    return Bench(tmp_path, toys)
