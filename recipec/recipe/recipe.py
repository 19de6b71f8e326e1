"""A valid recipe: what it says, and where each of its values was written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from recipec.diagnostics import Diagnostic, error
from recipec.recipe.extends import SourceFile
from recipec.recipe.model import RecipeSpec
from recipec.recipe.origins import home
from recipec.source import Document, Path, SpanTree


class Recipe(NamedTuple):
    """A valid recipe and where each of its values was written.

    `value` is what `spec` was made of, and `files` what that was composed of: the recipe's own
    file (the last) and those it extends. `variant` is the label of one of a matrix's recipes.
    `order` says in words what was applied after what, and `warnings` are remarks on the recipe.
    `settings` and `presets` are those that were given, and `asked` are the variables of the
    environment that look-ups named, with their values.
    """

    spec: RecipeSpec
    document: Document
    spans: SpanTree
    folder: FilePath
    value: Mapping[str, Any] = {}
    files: tuple[SourceFile, ...] = ()
    variant: str | None = None
    order: tuple[str, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    settings: tuple[str, ...] = ()
    presets: tuple[str, ...] = ()
    asked: Mapping[str, str | None] = {}

    @property
    def title(self) -> str:
        """The recipe's name, and its label among a matrix's variants."""
        return self.spec.name if self.variant is None else f"{self.spec.name}/{self.variant}"

    def place(self, path: Path) -> SpanTree:
        """Give the place of a value, or of the nearest one that was written."""
        return self.spans.nearest(path)

    def error(self, code: str, message: str, path: Path, hint: str | None = None) -> Diagnostic:
        """Make an error about the value at a path."""
        place = self.place(path)
        return error(code, message, place.value, hint, place.origin)

    def home(self, path: Path) -> SourceFile | None:
        """Give the file in whose folder a relative path at this place begins.

        None for what is given on the command line or in the environment: that begins in the folder
        of the recipe.
        """
        name = home(self.place(path)).file
        return next((file for file in self.files if file.name == name), None)
