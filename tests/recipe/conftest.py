"""A folder of recipes that extend each other."""

from pathlib import Path

import pytest

import recipec

HEAD = "apiVersion: recipec/v1\nname: toy\n"
STAGES = """\
model: {uses: toys.model, with: {numbers: 8}}
data:
  train: {uses: toys.numbers}
  test: {uses: toys.numbers, with: {count: 600}}
stages:
  - {id: big, uses: toys.scale, with: {factor: 2, data: train}}
  - {id: small, uses: toys.drop, with: {amount: 0.5}}
  - {id: packed, uses: toys.pack}
"""


class Recipes:
    """Writes recipes into a folder and loads them from there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("base.yaml", HEAD + STAGES)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def load(self, text: str, *settings: str, presets=(), variant=None):
        path = self.write("recipe.yaml", text)
        return recipec.load_recipe(path, settings, presets, variant)

    def over(self, text: str, *settings: str, **options):
        """Load a recipe that extends `base.yaml`."""
        return self.load(HEAD + "extends: base.yaml\n" + text, *settings, **options)

    def variants(self, text: str, *settings: str, **options):
        return recipec.load_variants(self.write("recipe.yaml", text), settings, **options)

    @staticmethod
    def parameters(recipe):
        """The parameters of each stage, by its id, in the order of the stages."""
        return {stage.id: stage.with_ for stage in recipe.spec.stages}

    def problems(self, load, *arguments, **options):
        with pytest.raises((recipec.RecipeError, recipec.UsageError)) as caught:
            load(*arguments, **options)
        return caught.value.diagnostics


@pytest.fixture
def recipes(tmp_path, monkeypatch) -> Recipes:
    monkeypatch.chdir(tmp_path)
    return Recipes(Path())
