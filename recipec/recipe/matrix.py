"""`matrix:`: variants of one recipe, one for each combination of values.

matrix:
  amount: [0.3, 0.5]                              an axis: any name that --set takes
  stages.prune.with.importance: [l1, l2]
  exclude: [{amount: 0.3, stages.prune.with.importance: l2}]
  include: [{amount: 0.9}]
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Final, NamedTuple

from recipec.diagnostics import Diagnostic
from recipec.recipe.labels import labels
from recipec.recipe.names import NameProblem, put, resolve
from recipec.recipe.origins import Origin, marked
from recipec.recipe.placed import Placed
from recipec.recipe.suggest import suggestion
from recipec.source import Path, Value

MAX_VARIANTS: Final = 5_000
RESERVED: Final = ("exclude", "include")


class Variant(NamedTuple):
    """One recipe of a matrix: its label, and the values it sets by path."""

    label: str
    values: tuple[tuple[Path, Placed], ...]

    def apply(self, root: Placed) -> Placed:
        """Set the variant's values in the recipe."""
        for path, value in self.values:
            root = put(root, path, value)
        return root


class _Choice(NamedTuple):
    """A value that variants set; `word` is the same for the same value."""

    name: str
    path: Path
    value: Placed
    word: str


def _choice(name: str, path: Path, value: Placed) -> _Choice:
    here, origin = value.spans.value, value.spans.origin
    note = f"from the matrix, axis {name!r}" + (f" ({origin})" if origin else "")
    spans = marked(value.spans, Origin(note, f"matrix at {here.file}:{here.line}"))
    return _Choice(name, path, Placed(value.value, spans), canonical(value.value))


def read_matrix(root: Placed, problems: list[Diagnostic]) -> tuple[Variant, ...]:
    """Give the variants of a recipe, in the order of its axes; () when it has no matrix.

    What is wrong with the matrix is added to `problems`.
    """
    matrix = root.get("matrix")
    if matrix is None or matrix.value is None:
        return ()
    reading = _Reading(root, matrix)
    combinations = reading.combinations()
    problems += reading.problems
    if reading.problems:
        return ()
    names = labels([[(c.name, c.value.value) for c in choices] for choices in combinations])
    return tuple(
        Variant(label, tuple((c.path, c.value) for c in choices))
        for label, choices in zip(names, combinations, strict=True)
    )


def canonical(value: Value) -> str:
    """Write a value so that two are the same text when they are the same value."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


@dataclass
class _Reading:
    root: Placed
    matrix: Placed
    problems: list[Diagnostic] = field(default_factory=list)
    axes: dict[str, list[_Choice]] = field(default_factory=dict)

    def combinations(self) -> list[tuple[_Choice, ...]]:
        """Give all combinations that aren't excluded, and those that are included."""
        if not isinstance(self.matrix.value, dict):
            self._refuse(self.matrix, "matrix: this should be a mapping of axes to lists of values")
            return []
        for name, values in self.matrix.items():
            if name not in RESERVED:
                self._axis(name, values)
        self._check_overlap(self.matrix, {n: c[0].path for n, c in self.axes.items()})
        included = list(self._included())
        count = prod(map(len, self.axes.values())) if self.axes else 0
        if self.problems:
            return []
        if count + len(included) > MAX_VARIANTS:
            message = (
                f"the matrix has {count + len(included):,} variants; {MAX_VARIANTS:,} is the limit"
            )
            self.problems.append(self.matrix.key_error("matrix", message))
            return []
        made = [tuple(choices) for choices in product(*self.axes.values())] if self.axes else []
        kept = self._without_excluded(made)
        if made and not kept and not self.problems:
            at = self.matrix.at("exclude")
            self.problems.append(at.key_error("matrix", "all variants are excluded"))
        if not made and not included and not self.problems:
            message = "the matrix has no axis, so the recipe would have no variant"
            hint = "name what varies, for example amount: [0.3, 0.5]; `matrix: null` says none"
            self.problems.append(self.matrix.key_error("matrix", message, hint))
        return self._distinct(kept, included)

    def _refuse(self, place: Placed, message: str, hint: str | None = None) -> None:
        self.problems.append(place.error("matrix", message, hint))

    def _path(self, name: str, place: Placed) -> Path | None:
        try:
            path = resolve(self.root, name)
            if path[0] == "name":  # folders and locks go by it
                raise NameProblem("the recipe's name can't vary", "variants have labels")
            return path
        except NameProblem as problem:
            self.problems.append(
                place.key_error("unknown-axis", f"matrix: {problem.message}", problem.hint)
            )
            return None

    def _axis(self, name: str, values: Placed) -> None:
        if not isinstance(values.value, list):
            hint = f"write {name}: [{canonical(values.value)}, …]"
            self._refuse(values, f"the axis {name!r} should be a list of values", hint)
            return
        if not values.value:
            self._refuse(values, f"the axis {name!r} has no values")
            return
        path = self._path(name, values)
        if path is None:
            return
        seen: dict[str, Placed] = {}
        for value in values.entries():
            word = canonical(value.value)
            if word in seen:
                self._refuse(value, f"the axis {name!r} has {word} twice")
            seen[word] = value
        self.axes[name] = [_choice(name, path, value) for value in seen.values()]

    def _check_overlap(self, place: Placed, set_by: Mapping[str, Path]) -> None:
        """Refuse names that set the same place, or one within another's."""
        paths: dict[Path, str] = {}
        for name, path in set_by.items():
            other = paths.setdefault(path, name)
            if other != name:
                message = f"{other!r} and {name!r} set the same value"
                self.problems.append(place.at(name).key_error("matrix", message))
        for path, name in paths.items():
            for length in range(1, len(path)):
                if path[:length] in paths:
                    message = f"{name!r} is within {paths[path[:length]]!r}"
                    self.problems.append(place.at(name).key_error("matrix", message))

    def _list(self, key: str) -> Iterator[Placed]:
        given = self.matrix.get(key)
        if given is None:
            return
        if not isinstance(given.value, list):
            self._refuse(given, f"{key}: this should be a list of mappings")
        for entry in given.entries():
            if isinstance(entry.value, dict) and entry.value:
                yield entry
            else:
                message = f"an entry of {key} should be a mapping of axes to values"
                self._refuse(entry, message)

    def _included(self) -> Iterator[tuple[_Choice, ...]]:
        for entry in self._list("include"):
            choices = []
            for name, value in entry.items():
                if (path := self._path(name, value)) is not None:
                    choices.append(_choice(name, path, value))
            self._check_overlap(entry, {choice.name: choice.path for choice in choices})
            yield tuple(choices)

    def _without_excluded(self, made: list[tuple[_Choice, ...]]) -> list[tuple[_Choice, ...]]:
        """Take out what `exclude` names; an entry that takes nothing out is a mistake."""
        # Entries with the same axes are looked up together: the time is that of one entry for each.
        entries: dict[tuple[int, ...], dict[tuple[str, ...], Placed]] = {}
        order = list(self.axes)
        for entry in self._list("exclude"):
            if not self._known(entry):
                continue
            axes = tuple(i for i, name in enumerate(order) if name in dict(entry.items()))
            words = tuple(canonical(entry.at(order[i]).value) for i in axes)
            if words in entries.setdefault(axes, {}):
                self._refuse(entry, "this is excluded already")
            entries[axes][words] = entry
        if not entries:
            return made
        kept, idle = [], {id(e): e for found in entries.values() for e in found.values()}
        for choices in made:
            by = [
                found[words]
                for axes, found in entries.items()
                if (words := tuple(choices[i].word for i in axes)) in found
            ]
            for entry in by[:1]:
                idle.pop(id(entry), None)
            if not by:
                kept.append(choices)
        for entry in idle.values():
            self._refuse(entry, "this excludes nothing that isn't excluded already")
        return kept

    def _known(self, entry: Placed) -> bool:
        """See that an entry of `exclude` names axes, and values that they have."""
        known = True
        for name, value in entry.items():
            if name not in self.axes:
                hint = suggestion(name, self.axes, "axes")
                self.problems.append(
                    value.key_error("unknown-axis", f"the matrix has no axis {name!r}", hint)
                )
                known = False
                continue
            words = {choice.word: choice for choice in self.axes[name]}
            if canonical(value.value) not in words:
                shown = ", ".join(list(words)[:20])
                message = f"the axis {name!r} has no {canonical(value.value)}"
                self._refuse(value, message, f"it has {shown}")
                known = False
        return known

    def _distinct(
        self, kept: list[tuple[_Choice, ...]], included: list[tuple[_Choice, ...]]
    ) -> list[tuple[_Choice, ...]]:
        """Add the included variants, which must be new."""
        seen = {frozenset((c.path, c.word) for c in choices) for choices in kept}
        for choices, entry in zip(included, self._list("include"), strict=True):
            values = frozenset((c.path, c.word) for c in choices)
            if values in seen:
                self._refuse(entry, "the matrix has this variant already")
            seen.add(values)
        return [*kept, *included]
