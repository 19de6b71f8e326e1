"""A recipe file → `Recipe`: read, composed, validated; nothing it names has been looked up."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath
from typing import NamedTuple

from pydantic import ValidationError

from recipec.diagnostics import Diagnostic, RecipeError, UsageError, error
from recipec.recipe.compose import compose
from recipec.recipe.model import API_VERSION, RecipeSpec
from recipec.recipe.problems import diagnose
from recipec.recipe.suggest import suggestion
from recipec.source import Document, DocumentError, Path, SpanTree, Value, decode, read_document


class Recipe(NamedTuple):
    """A valid recipe and where each of its values was written."""

    spec: RecipeSpec
    document: Document
    spans: SpanTree
    folder: FilePath

    def place(self, path: Path) -> SpanTree:
        """Give the place of a value, or of the nearest one that was written."""
        return self.spans.nearest(path)

    def error(self, code: str, message: str, path: Path, hint: str | None = None) -> Diagnostic:
        """Make an error about the value at a path."""
        place = self.place(path)
        return error(code, message, place.value, hint, place.origin)


def load_recipe(path: FilePath, settings: Iterable[str] = ()) -> Recipe:
    """Read and validate a recipe file. Raises RecipeError, UsageError when there is no file."""
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise UsageError(
            error("no-recipe", f"{path} can't be read: {problem.strerror}")
        ) from problem
    return parse_recipe(data, str(path), path.parent, settings)


def parse_recipe(
    data: bytes,
    file: str,
    folder: FilePath,
    settings: Iterable[str] = (),
    environment: Mapping[str, str] | None = None,
) -> Recipe:
    """Validate a recipe's bytes; relative paths in it start at `folder`. Raises RecipeError."""
    try:
        document = read_document(decode(data, file), file)
    except DocumentError as problem:
        raise RecipeError(
            error(problem.code, problem.message, problem.span, problem.hint)
        ) from problem
    _check_version(document)
    value, spans = compose(document, settings, os.environ if environment is None else environment)
    try:
        spec = RecipeSpec.model_validate(value)
    except ValidationError as problem:
        given = value if isinstance(value, dict) else None
        raise RecipeError(diagnose(problem, RecipeSpec, spans, given)) from problem
    recipe = Recipe(spec, document, spans, folder)
    if problems := list(_check_names(recipe)):
        raise RecipeError(problems)
    return recipe


def _check_version(document: Document) -> None:
    """Check `apiVersion` before all else: another version's keys would only be consequences."""
    value: Value = document.value
    root = document.spans
    if not isinstance(value, dict):
        raise RecipeError(
            error("not-a-recipe", "a recipe is a mapping of keys to values", root.value)
        )
    if "apiVersion" not in value:
        close = [key for key in value if key.lower().replace("_", "") in ("apiversion", "version")]
        place = root.nearest((close[0],)).key if close else None
        raise RecipeError(
            error(
                "api-version",
                "the recipe has no apiVersion",
                place or root.value,
                f"begin it with `apiVersion: {API_VERSION}`",
            )
        )
    if value["apiVersion"] != API_VERSION:
        raise RecipeError(
            error(
                "api-version",
                f"apiVersion {value['apiVersion']!r} is not one that this recipec reads",
                root.nearest(("apiVersion",)).value,
                f"this version reads {API_VERSION}",
            )
        )


def _check_names(recipe: Recipe) -> Iterable[Diagnostic]:
    """Check that ids are unique, and that what refers to a stage or to data names one."""
    spec = recipe.spec
    first: dict[str, int] = {}
    for index, stage in enumerate(spec.stages):
        if stage.id in first:
            line = recipe.place(("stages", first[stage.id], "id")).value.line
            yield recipe.error(
                "duplicate-id",
                f"{stage.id!r} is the id of another stage too",
                ("stages", index, "id"),
                f"the other is in line {line}; ids are unique",
            )
        first.setdefault(stage.id, index)
    if len(first) < len(spec.stages):
        return  # names that a second stage took away would only be consequences
    references: list[tuple[str, Path]] = []
    for index, stage in enumerate(spec.stages):
        if isinstance(stage.needs, str):
            references.append((stage.needs, ("stages", index, "needs")))
        elif stage.needs:
            references += [(s, ("stages", index, "needs", p)) for p, s in stage.needs.items()]
    if spec.baseline is not None:
        references.append((spec.baseline, ("baseline",)))
    references += [(name, ("outputs", i)) for i, name in enumerate(spec.outputs)]
    for index, gate in enumerate(spec.gates):
        references.append((gate.stage, ("gates", index, "stage")))
        if gate.against is not None:
            references.append((gate.against, ("gates", index, "against")))
    for index, name in enumerate(spec.outputs):
        if name in spec.outputs[:index]:
            message = f"{name!r} is promised twice"
            yield recipe.error("duplicate-output", message, ("outputs", index))
    known = {*first, "model"}
    for name, path in references:
        if name not in known:
            yield recipe.error(
                "unknown-stage",
                f"there is no stage {name!r}",
                path,
                suggestion(name, known, "stages"),
            )
    if spec.measure and spec.measure.data is not None and spec.measure.data not in spec.data:
        name = spec.measure.data
        hint = suggestion(name, spec.data, "data")
        yield recipe.error("unknown-data", f"there is no data {name!r}", ("measure", "data"), hint)
