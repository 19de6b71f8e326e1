"""A toy recipe, and a bench on which it is planned and run."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import recipec
from recipec.registry import Catalog

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


class Bench:
    """Writes, plans and runs toy recipes in a folder of its own."""

    def __init__(self, folder: Path, catalog: Catalog) -> None:
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
