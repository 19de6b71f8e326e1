"""Composition before validation, in this order, later wins:

1. the files that a recipe extends, deepest first, then the recipe itself
2. presets, as `--preset` names them
3. the values of one variant of the matrix
4. `--set`

Then variables and look-ups are followed. The result has the shape of a document: a value, and for
each place in it where it was written and, where that is somewhere else, where it came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from recipec.diagnostics import MOST_ERRORS, Diagnostic, RecipeError, Severity, UsageError
from recipec.recipe.extends import SourceFile, source_files
from recipec.recipe.lookups import Names
from recipec.recipe.matrix import Variant, read_matrix
from recipec.recipe.merge import SOURCE_KEYS, merge_file, merge_recipes
from recipec.recipe.merge_uses import check_no_directives
from recipec.recipe.names import resolve
from recipec.recipe.placed import Placed
from recipec.recipe.presets import check_targets, chosen_overlays, read_presets
from recipec.recipe.settings import Setting, read_setting
from recipec.recipe.substitute import Substitution, plain_values
from recipec.recipe.suggest import suggestion
from recipec.recipe.variables import read_variables
from recipec.source import Document

_USED_UP: Final = SOURCE_KEYS | {"matrix", "vars", "$schema"}


class Composed(NamedTuple):
    """One recipe, ready to be validated, remarks on it, and what look-ups asked the environment."""

    placed: Placed
    warnings: tuple[Diagnostic, ...]
    asked: Mapping[str, str | None]


@dataclass(frozen=True)
class Composition:
    """Files and presets, merged once; every variant is made from them."""

    files: tuple[SourceFile, ...]
    presets: tuple[str, ...]
    root: Placed
    variants: tuple[Variant, ...]
    settings: tuple[Setting, ...]
    environment: Mapping[str, str]
    plain: frozenset[int]

    def compose(self, variant: Variant | None) -> Composed:
        """Give one recipe. Raises RecipeError."""
        root = self.root if variant is None else variant.apply(self.root)
        for setting in self.settings:
            root = setting.apply(root)
        problems: list[Diagnostic] = []
        names = Names(root, self.environment)
        substitution = Substitution(names, problems, self.plain)
        variables = root.get("vars")
        if variables is not None:
            read_variables(variables, names, substitution, problems)
        extensions = frozenset(name for name, _ in root.items() if name.startswith("x-"))
        composed = substitution.walk(root.without(_USED_UP | extensions))
        warnings: list[Diagnostic] = []
        if variables is not None and not problems:
            values = {name: known.placed for name, known in names.variables.items()}
            empty = Placed({}, variables.spans._replace(children={}))
            composed = composed.updated({"vars": empty.updated(values)})
            for problem in self._unused(variables, names.used, variant):
                found = problems if problem.severity is Severity.ERROR else warnings
                found.append(problem)
        if problems:
            raise RecipeError(problems)
        return Composed(composed, tuple(warnings), names.asked)

    def order(self, variant: Variant | None) -> tuple[str, ...]:
        """Say what was applied after what; later wins."""
        return (
            *(file.said for file in self.files),
            *(f"preset {name}" for name in self.presets),
            *((f"matrix {variant.label}",) if variant else ()),
            *(f"--set {setting.text}" for setting in self.settings),
        )

    def _unused(
        self, variables: Placed, used: set[str], variant: Variant | None
    ) -> Iterator[Diagnostic]:
        """Tell of variables that nothing looks up: of this file's, and of those that should make
        variants differ."""
        chosen = variant.values if variant else ()
        varied = {path[1]: value for path, value in chosen if path[0] == "vars"}
        others = {name for name, _ in variables.items()}
        told = 0
        for name, declared in variables.items():
            if name in used or told >= MOST_ERRORS:
                continue
            told += 1
            message = f"nothing looks up ${{vars.{name}}}"
            if name in varied:
                message += ", so all variants would be equal in it"
                yield varied[name].error("unused-variable", message)
            elif (declared.spans.key or declared.spans.value).file == self.files[-1].name:
                hint = suggestion(name, others - {name}, close=True) or "use it, or take it out"
                warning = declared.key_error("unused-variable", message, hint)
                yield warning._replace(severity=Severity.WARNING)


def read_composition(
    document: Document,
    folder: Path,
    path: Path | None,
    settings: Iterable[str],
    presets: Iterable[str],
    environment: Mapping[str, str],
) -> Composition:
    """Read all that a recipe is composed of, and merge it. Raises RecipeError, UsageError.

    `path` is where the document was read, None when that is nowhere.
    """
    problems: list[Diagnostic] = []
    files = source_files(document, folder, problems, path)
    if problems:
        raise RecipeError(problems)
    for file in files:
        if not file.is_overlay:
            check_no_directives(file.root, problems)
    stated = read_presets(files, problems)
    root = _merged(files, problems)
    if not problems:
        check_targets(stated, root, document.file, problems)
    if problems:
        raise RecipeError(problems)
    wanted = tuple(presets)
    for _, overlay in chosen_overlays(stated, wanted):
        root = merge_recipes(root, overlay, problems)
        if problems:
            raise RecipeError(problems)
    variants = read_matrix(root, problems)
    if problems:
        raise RecipeError(problems)
    read = tuple(map(read_setting, settings))
    _check_settings(read, root, variants)
    plain = plain_values(root.value) if variants else frozenset[int]()
    return Composition(files, wanted, root, variants, read, environment, plain)


def _merged(files: tuple[SourceFile, ...], problems: list[Diagnostic]) -> Placed:
    """Merge the files; the first one with a problem is the last that is looked at."""
    root = files[0].root
    for file in files[1:]:
        before = len(problems)
        root = merge_file(root, file.root, problems)
        if len(problems) > before:
            break
    return root


def _check_settings(
    settings: tuple[Setting, ...], root: Placed, variants: tuple[Variant, ...]
) -> None:
    """See that settings lead somewhere, and leave the variants different. Raises UsageError."""
    axes = {path for variant in variants for path, _ in variant.values}
    problems: list[Diagnostic] = []
    for setting in settings:
        before = root  # a setting may take away the id that its own name goes by
        try:
            root = setting.apply(root)
        except UsageError as problem:
            problems += problem.diagnostics
            continue
        path = resolve(before, setting.name)
        if any(axis[: len(path)] == path for axis in axes):
            message = "the matrix varies this; a setting would make its variants equal"
            problems += setting.problem(message, "choose variants with --variant").diagnostics
    if problems:
        raise UsageError(problems)
