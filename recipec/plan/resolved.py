"""The resolved recipe: all that composition made of it, with every default written out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any, Final, NamedTuple

from recipec.plan.bind import bind
from recipec.plan.measure import measure
from recipec.plan.model import Node, Plan
from recipec.plan.planning import Planning
from recipec.recipe import RecipeSpec
from recipec.recipe.origins import Origin, brief_origin
from recipec.recipe.placed import Placed, listed
from recipec.recipe.writing import yaml_text
from recipec.source import Span, SpanTree, Value

_FILLED: Final = frozenset({"metrics", "data", "baseline"})
"""Parameters of evaluators that the recipe's `measure` and `baseline` fill."""

_ORDER: Final = ("id", "uses", "needs", "allow_unchanged", "isolation", "limits", "with")
"""The keys of a stage, in an order that is easy to read."""


class ResolvedRecipe(NamedTuple):
    """A recipe that is composed of nothing, and what it was composed of, in the order of that."""

    placed: Placed
    order: tuple[str, ...]
    folder: FilePath

    def to_yaml(self) -> str:
        """Write it as a recipe, with the origin of every value as a comment. Files are named there
        as seen from the recipe's folder."""
        head = "# resolved by `recipec render`; later wins:\n"
        order = "".join(f"#   {line}\n" for one in self.order for line in one.splitlines())
        here = "" if self.folder == FilePath() else f"{self.folder}{os.sep}"

        def said(place: SpanTree) -> str:
            return brief_origin(place).replace(here, "") if here else brief_origin(place)

        return head + order + yaml_text(self.placed, said)

    def to_json(self) -> dict[str, Any]:
        """Give it as data: the recipe, and the origins of its values by JSON pointer."""
        return {
            "recipe": self.placed.value,
            "origins": {pointer: _origin(place) for pointer, place in _leaves(self.placed, "")},
            "order": list(self.order),
        }


def _leaves(placed: Placed, pointer: str) -> Iterator[tuple[str, SpanTree]]:
    """Give the place of every value that isn't a mapping or list, or is an empty one."""
    inner = [(name, one) for name, one in placed.items()]
    inner += [(str(index), one) for index, one in enumerate(placed.entries())]
    if not inner:
        yield pointer, placed.spans
    for name, one in inner:
        yield from _leaves(one, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")


def _origin(place: SpanTree) -> dict[str, Any]:
    here, written = place.value, place.value.line > 0
    return {
        "origin": brief_origin(place),
        "file": here.file if written else None,
        "line": here.line if written else None,
        "column": here.column if written else None,
    }


def resolved(planning: Planning, *, defaults: bool = True) -> ResolvedRecipe:
    """Give a recipe that compiles to the same plan and is composed of nothing.

    With `defaults` every parameter that the recipe leaves out is in it, with the value it has.
    Nothing is inspected. Raises RecipeError.
    """
    plan = measure(bind(planning), planning)
    recipe = planning.recipe
    whole = Placed(dict(recipe.value), recipe.spans)
    parts: dict[str, Placed | None] = {name: whole.get(name) for name in RecipeSpec.model_fields}
    parts["vars"] = None  # all look-ups are followed
    complete = _Complete(plan, defaults)
    parts["model"] = complete.use(whole.at("model"), plan.node("model"))
    if data := parts["data"]:
        sets = {n: complete.use(entry, plan.node(f"data.{n}")) for n, entry in data.items()}
        parts["data"] = data.updated(sets)
    stages = whole.at("stages")
    parts["stages"] = listed(list(complete.stages(stages)), stages.spans)
    if measured := parts["measure"]:
        metrics = measured.at("metrics")
        entries = listed(list(complete.metrics(metrics, planning)), metrics.spans)
        parts["measure"] = measured.updated({"metrics": entries})
    if defaults:
        for name, value in (("seed", plan.seed), ("threads", plan.threads)):
            parts[name] = parts[name] or _default(value)
        parts["outputs"] = parts["outputs"] or _default(list(plan.outputs), "the last stage")
    kept = {name: part for name, part in parts.items() if part is not None}
    empty = whole.spans._replace(children={})
    return ResolvedRecipe(Placed({}, empty).updated(kept), recipe.order, recipe.folder)


def _default(value: Value, why: str = "") -> Placed:
    brief = f"default: {why}" if why else "default"
    nowhere = Span("", 0, 0, 0, 0)
    return Placed(value, SpanTree(nowhere, None, {}, Origin("from the defaults", brief, nowhere)))


class _Complete:
    """Completes the parts of a recipe from its plan."""

    def __init__(self, plan: Plan, defaults: bool) -> None:
        self.plan, self.defaults = plan, defaults

    def use(self, entry: Placed, node: Node) -> Placed:
        """Give an operator with all its parameters."""
        given = entry.get("with") or _default({})
        params = self._merged(dict(node.params), given)
        return entry.updated({"with": params}) if params.value else entry

    def stages(self, stages: Placed) -> Iterator[Placed]:
        """Give all stages, each with its parameters and the stage that it needs."""
        before = "model"
        for entry in stages.entries():
            node = self.plan.node(str(entry.at("id").value))
            whole = self.use(entry, node)
            if self.defaults and not whole.get("needs") and self._takes(node, before):
                whole = whole.updated({"needs": _default(before, "the stage before")})
            yield _reordered(whole, _ORDER)
            before = node.id

    def _takes(self, node: Node, before: str) -> bool:
        return any(edge.node == before for edge in node.inputs.values())

    def metrics(self, metrics: Placed, planning: Planning) -> Iterator[Placed]:
        """Give all metric families; an evaluator's options stand at the last that states some, or
        else at its first."""
        offers = planning.catalog.evaluators()
        params = {node.operator: node.params for node in self.plan.measurements}
        asked = [list(_families(entry)) for entry in metrics.entries()]
        stated: dict[str, set[str]] = {}
        holders: dict[str, tuple[int, str]] = {}
        for index, families in enumerate(asked):
            for family, options in families:
                operator = offers[family].id
                stated.setdefault(operator, set()).update(name for name, _ in options.items())
                if options.value or operator not in holders:
                    holders[operator] = (index, family)
        for index, (entry, families) in enumerate(zip(metrics.entries(), asked, strict=True)):
            complete: dict[str, Placed] = {}
            for family, options in families:
                operator = offers[family].id
                if holders[operator] == (index, family) and operator in params:
                    beside = stated[operator] - {name for name, _ in options.items()}
                    complete[family] = self._options(params[operator], options, beside)
            filled = {family: whole for family, whole in complete.items() if whole.value}
            plain = not isinstance(entry.value, dict)
            start = Placed({}, entry.spans._replace(children={})) if plain else entry
            yield start.updated(filled) if filled else entry

    def _options(self, params: Mapping[str, Any], options: Placed, beside: set[str]) -> Placed:
        """Give an evaluator's options, but for those stated `beside` and those the recipe fills."""
        left = {
            name: value
            for name, value in params.items()
            if name not in beside and (name not in _FILLED or options.get(name))
        }
        return self._merged(left, options)

    def _merged(self, value: Value, given: Placed | None) -> Placed:
        """Give a value as an operator has it, each part with its place in the recipe, or as a
        default."""
        if given is None:
            return _default(value)
        whole = Placed(value, given.spans._replace(children={}))
        if isinstance(value, dict) and isinstance(given.value, dict):
            if given.value.keys() - value.keys():
                return whole  # the operator reads it as something else
            left = [n for n in value if n not in given.value] if self.defaults else []
            parts = {n: self._merged(value[n], given.get(n)) for n in (*given.value, *left)}
            return Placed({}, whole.spans).updated(parts)
        if isinstance(value, list) and isinstance(given.value, list):
            if len(value) != len(given.value):
                return whole
            parts_of_list = [self._merged(v, given.at(i)) for i, v in enumerate(value)]
            return listed(parts_of_list, given.spans)
        return whole


def _reordered(entry: Placed, names: tuple[str, ...]) -> Placed:
    """Give a mapping with its keys in an order that is easy to read."""
    start = Placed({}, entry.spans._replace(children={}))
    return start.updated({name: one for name in names if (one := entry.get(name)) is not None})


def _families(entry: Placed) -> Iterator[tuple[str, Placed]]:
    """Give the metric families that an entry asks for, with their options."""
    if isinstance(entry.value, dict):
        yield from entry.items()
    else:
        yield str(entry.value), _default({})
