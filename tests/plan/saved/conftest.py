"""A desk on which toy plans are saved, and applied after something has changed."""

import json
import re
from importlib.metadata import Distribution, EntryPoint

import pytest

import recipec
from recipec.registry import discover
from toys.bench import TOY_RECIPE, TOYS, Bench


class Desk(Bench):
    """Saves a plan of a recipe in its folder, and applies it."""

    def save(self, text=TOY_RECIPE, *settings, **options):
        """Save a plan, and give its file."""
        path = self.folder / "plan.json"
        recipec.save_plan(self.compile(text, *settings, **options), path)
        return path

    def compile(self, text=TOY_RECIPE, *settings, presets=(), **options):
        """Compile a recipe, also with presets."""
        recipe = recipec.load_recipe(self.write(text), settings, presets)
        options.setdefault("store", self.folder / "store")
        return recipec.compile_recipe(recipe, catalog=self.catalog, **options)

    def apply(self, **options):
        """Apply the saved plan; gives the notes."""
        options.setdefault("store", self.folder / "store")
        options.setdefault("catalog", self.catalog)
        return recipec.apply_plan(self.folder / "plan.json", **options)

    def refused(self, **options):
        """Give what the refusal says, each with its line in the recipe, codes first."""
        with pytest.raises(recipec.RecipeError) as caught:
            self.apply(**options)
        return [
            f"{d.code}{f':{d.span.line}' if d.span else ''}: {d.message}"
            for d in caught.value.diagnostics
        ]

    def edit(self, change):
        """Edit the saved plan as data."""
        path = self.folder / "plan.json"
        data = json.loads(path.read_text())
        change(data)
        path.write_text(json.dumps(data))

    def replace(self, old, new, name="recipe.yaml"):
        """Edit the recipe, or a file beside it."""
        path = self.folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))


@pytest.fixture
def desk(tmp_path, toys):
    return Desk(tmp_path, toys)


def without_digests(text):
    return re.sub(r"sha256:\w+", "sha256:…", text)


class FakeDistribution(Distribution):
    """A distribution that isn't installed anywhere."""

    def __init__(self, name, version):
        self._text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\n"

    def read_text(self, filename):
        return self._text if filename == "METADATA" else None

    def locate_file(self, path):
        raise FileNotFoundError(path)


@pytest.fixture
def fake_catalog():
    """Makes a catalog in which the toys come from a distribution of this name and version."""

    def make(name, version):
        point = EntryPoint(TOYS.name, TOYS.value, TOYS.group)
        vars(point).update(dist=FakeDistribution(name, version))
        return discover([point])

    return make
