"""Catalogs of few plugins, and recipes compiled with them: a plugin end to end, in a test."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

from recipec.api.hookspecs import PROJECT
from recipec.compiler import Compilation, load_recipe
from recipec.compiler import compile_recipe as compile_loaded
from recipec.registry import Catalog, discover
from recipec.registry.selection import Selection


def catalog_of(
    *plugins: ModuleType, name: str | None = None, beside: Iterable[str] = ()
) -> Catalog:
    """Make a catalog of these plugins alone, and of the installed ones that `beside` names.

    A plugin that isn't installed gets the `name` as its namespace; left out, its package's name
    without `recipec_`. Raises AssertionError when one of them can't be loaded, LookupError when
    `beside` names one that isn't installed.
    """
    installed = entry_points(group=PROJECT)
    points = []
    for plugin in plugins:
        own = [point for point in installed if point.value == plugin.__name__]
        called = name or plugin.__name__.removeprefix("recipec_")
        points.append(own[0] if own else EntryPoint(called, plugin.__name__, PROJECT))
    for wanted in beside:
        found = [point for point in installed if point.name == wanted]
        if not found:
            raise LookupError(f"no installed plugin is called {wanted!r}")
        points += found
    catalog = discover(points, Selection())
    failures = [f"plugin {p.name!r}: {p.failure}" for p in catalog.failures]
    assert not failures, f"recipec would not load this: {'; '.join(failures)}"
    return catalog


def compile_recipe(
    recipe: str | Path,
    catalog: Catalog,
    folder: Path,
    *,
    settings: Sequence[str] = (),
    until: str | None = None,
) -> Compilation:
    """Compile a recipe, given as a file or as its text, with a store in `folder`.

    A text is written to `folder/recipe.yaml`, so the files that it names are looked for there.
    Run what it gives with `recipec.run_plan(compilation, out=folder / "out")`. Raises RecipeError
    with what is wrong in the recipe, or in what the plugin's operators say to it.
    """
    path = recipe if isinstance(recipe, Path) else folder / "recipe.yaml"
    if isinstance(recipe, str):
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(recipe, encoding="utf-8")
    loaded = load_recipe(path, settings)
    return compile_loaded(loaded, catalog=catalog, store=folder / "store", until=until)
