"""Whose mistake an exception is: the plugin's whose code raised it, or had it raised."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from recipec.diagnostics import RecipecError, RecipeError, error
from recipec.registry.catalog import named

if TYPE_CHECKING:
    from recipec.registry.catalog import Catalog, PluginInfo


def culprit(problem: BaseException, catalog: Catalog) -> PluginInfo | None:
    """Give the plugin whose code called last what raised; None where recipec's own did.

    `recipec.api` is called by plugins: what it raises is the caller's.
    """
    packages = {plugin.package: plugin for plugin in catalog.plugins}
    found, trace = None, problem.__traceback__
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        trace = trace.tb_next
        top = module.partition(".")[0]
        if top in packages:
            found = packages[top]
        elif top == "recipec" and not module.startswith("recipec.api"):
            found = None
    return found


@contextmanager
def blaming(catalog: Catalog, kind: type[RecipecError] = RecipeError) -> Iterator[None]:
    """Tell what a plugin's code raises where nobody expects it as that plugin's mistake.

    Raises an error of this kind for it; what is nobody's goes on as it is.
    """
    try:
        yield
    except RecipecError:
        raise
    except Exception as problem:  # whatever it is: the question is whose
        plugin = culprit(problem, catalog)
        if plugin is None:
            raise
        who = f"plugin {named(plugin.name, plugin)}"
        message = f"{who} raised {type(problem).__name__}: {problem}"
        hint = "this is a mistake in the plugin; please report it (--debug shows the traceback)"
        raise kind(error("operator-failed", message, hint=hint)) from problem
